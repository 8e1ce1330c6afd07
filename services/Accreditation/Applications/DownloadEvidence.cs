using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>
/// A document, for its provider and assessors. It comes from outside: browsers are told to save it, never to render it
/// or to guess another type.
/// </summary>
public sealed class DownloadEvidence : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/accreditation/applications/{id:guid}/evidence/{criterionKey}", DownloadAsync).RequireRole(Roles.Provider, Roles.Assessor);

    private static async Task<IResult> DownloadAsync(Guid id, string criterionKey, HttpResponse response, IMediator mediator, CancellationToken ct)
    {
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; sandbox";
        response.Headers.CacheControl = "private, no-store";
        return await mediator.Send(new Query(id, criterionKey), ct);
    }

    public sealed record Query(Guid ApplicationId, string CriterionKey) : IRequest<IResult>;

    public sealed class Handler(Session session, Caller caller) : IRequestHandler<Query, IResult>
    {
        public async Task<IResult> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var document = await db.QuerySingleOrDefaultAsync<Document>(
                """
                select e.content, e.media_type from evidence e join application a on a.id = e.application_id
                where a.id = @ApplicationId and e.criterion_key = @CriterionKey and (@confinement::uuid is null or a.provider_id = @confinement)
                """, new { request.ApplicationId, request.CriterionKey, confinement = ApplicationView.Confinement(caller) });
            return document is null
                ? (Answer)Problem.NotFound("document")
                : Results.Bytes(document.Content, document.MediaType, $"{request.CriterionKey}.{EvidenceFile.ExtensionOf(document.MediaType)}");
        }
    }

    private sealed record Document(byte[] Content, string MediaType);
}
