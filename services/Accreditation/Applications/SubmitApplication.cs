using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>
/// A provider hands a draft in; every mandatory criterion of its categories needs a document in force. The account that
/// it is paid on goes with it, for the assessors to look at.
/// </summary>
public sealed class SubmitApplication : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/accreditation/applications/{id:guid}/submit", Task<Answer> (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
            .RequireRole(Roles.Provider);

    public sealed record Command(Guid Id) : ICommand;

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await LockedApplication.ReadAsync(db, request.Id, caller.OrganisationId ?? Guid.Empty) is not { } application)
            {
                return Problem.NotFound("application");
            }

            if (ApplicationStatus.Refuses(application.Status, ApplicationStatus.Draft) is { } refusal)
            {
                return refusal;
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var missing = (await RequiredEvidence.ReadAsync(db, request.Id)).Where(r => r.IsMissing(DateOnly.FromDateTime(now))).Select(r => r.CriterionKey).ToList();
            if (missing.Count > 0)
            {
                return Problem.Conflict(
                    "evidence-missing",
                    "Mandatory evidence is missing.",
                    $"There is no document in force for {string.Join(", ", missing)}.",
                    new Dictionary<string, object?> { ["keys"] = missing });
            }

            var version = application.Version + 1;
            await db.ExecuteAsync(
                "update application set status = 'submitted', version = @version, submitted_at = @now, iban = @Iban, return_reason = null where id = @Id",
                new { version, now, caller.Iban, request.Id });
            await facts.AppendAsync(request.Id, version, new ApplicationSubmitted(caller.Iban?[^4..]), cancellationToken);
            return Answer.Ok((await ApplicationView.ReadAsync(db, request.Id, caller, now))!, version);
        }
    }
}
