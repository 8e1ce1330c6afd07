using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.Accreditation.Applications;

/// <summary>A provider puts in a document for a criterion, or replaces it, while the application is a draft.</summary>
public sealed class UploadEvidence : IEndpoint
{
    // Room above the limit, so that who is a little over it reads the answer instead of a broken connection.
    private const int Slack = 2 << 20;

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPut("/api/accreditation/applications/{id:guid}/evidence/{criterionKey}", ReceiveAsync)
            .Accepts<Stream>("application/pdf", "image/png", "image/jpeg")
            .WithMetadata(new RequestSizeLimitAttribute(EvidenceFile.MaxBytes + Slack))
            .RequireRole(Roles.Provider);

    private static async Task<Answer> ReceiveAsync(Guid id, string criterionKey, string? expiresOn, HttpRequest request, TimeProvider clock, IMediator mediator, CancellationToken ct)
    {
        if (EvidenceFile.MediaTypeOf(request.ContentType) is not { } mediaType)
        {
            return new Problem(415, "unsupported-media-type", "This media type is not accepted here.", "A document is application/pdf, image/png or image/jpeg.");
        }

        var (expiry, refusal) = EvidenceFile.ExpiryOf(expiresOn, DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime));
        if (refusal is not null)
        {
            return refusal;
        }

        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, ct);
        var content = buffer.ToArray();
        return EvidenceFile.Refuses(mediaType, content) ?? await mediator.Send(new Command(id, criterionKey, mediaType, expiry, Convert.ToHexStringLower(SHA256.HashData(content)), content), ct);
    }

    /// <summary>The hash stands for the content where a retry is compared with the first request.</summary>
    public sealed record Command(Guid ApplicationId, string CriterionKey, string MediaType, DateOnly? ExpiresOn, string Sha256, [property: JsonIgnore] byte[] Content) : ICommand;

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await LockedApplication.ReadAsync(db, request.ApplicationId, caller.OrganisationId ?? Guid.Empty) is not { } application)
            {
                return Problem.NotFound("application");
            }

            var criterion = await db.QuerySingleOrDefaultAsync<Term>(
                "select key, validity_months from criterion where scheme_version = @SchemeVersion and key = @CriterionKey", new { application.SchemeVersion, request.CriterionKey });
            if (criterion is null)
            {
                return Problem.NotFound("criterion");
            }

            if (caller.ExpectedVersion is { } expected && expected != application.Version)
            {
                return Problem.Stale(application.Version);
            }

            if (ApplicationStatus.Refuses(application.Status, ApplicationStatus.Draft) is { } refusal)
            {
                return refusal;
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var expiresOn = request.ExpiresOn ?? (criterion.ValidityMonths is { } months ? DateOnly.FromDateTime(now).AddMonths(months) : null);
            var size = request.Content.Length;
            await db.ExecuteAsync(
                """
                insert into evidence (application_id, scheme_version, criterion_key, media_type, content, size, sha256, expires_on, uploaded_at, uploaded_by)
                values (@ApplicationId, @SchemeVersion, @CriterionKey, @MediaType, @Content, @size, @Sha256, @expiresOn, @now, @by)
                on conflict (application_id, criterion_key) do update set
                  media_type = excluded.media_type, content = excluded.content, size = excluded.size, sha256 = excluded.sha256,
                  expires_on = excluded.expires_on, uploaded_at = excluded.uploaded_at, uploaded_by = excluded.uploaded_by
                """,
                new { request.ApplicationId, application.SchemeVersion, request.CriterionKey, request.MediaType, request.Content, size, request.Sha256, expiresOn, now, by = caller.UserId });
            var version = application.Version + 1;
            await db.ExecuteAsync("update application set version = @version where id = @Id", new { version, application.Id });
            await facts.AppendAsync(application.Id, version, new EvidenceProvided(request.CriterionKey, request.MediaType, size, request.Sha256, expiresOn), cancellationToken);
            return Answer.Ok(new { request.CriterionKey, request.MediaType, request.Sha256, size, expiresOn, uploadedAt = now }, version);
        }
    }

    private sealed record Term(string Key, int? ValidityMonths);
}
