using Dapper;
using FluentValidation;
using Marketplace.Accreditation.Register;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Accreditation.Applications;

/// <summary>An assessor who did not evaluate grants the accreditation, which enters the register, or refuses it with a reason.</summary>
public sealed class DecideApplication : IEndpoint
{
    private const string Grant = "grant";
    private const string Refuse = "refuse";

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/accreditation/applications/{id:guid}/decision", Task<Answer> (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
            .RequireRole(Roles.Assessor);

    public sealed record Body(string? Decision, string? Reason);

    public sealed record Command(Guid Id, Body Body) : ICommand;

    public sealed class Rules : AbstractValidator<Command>
    {
        public Rules()
        {
            RuleFor(c => c.Body.Decision).Must(d => d is Grant or Refuse).WithMessage("The decision is grant or refuse.");
            RuleFor(c => c.Body.Reason).NotEmpty().When(c => c.Body.Decision == Refuse).WithMessage("A refusal carries a written reason.");
            RuleFor(c => c.Body.Reason).MaximumLength(4000);
        }
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await LockedApplication.ReadAsync(db, request.Id) is not { } application)
            {
                return Problem.NotFound("application");
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var grant = request.Body.Decision == Grant;
            var required = await RequiredEvidence.ReadAsync(db, request.Id);
            if (Decision.Refuses(application.Status, application.Evaluators, application.UnmetCriteria, required, caller.UserIdOrEmpty, grant, now) is { } refusal)
            {
                return refusal;
            }

            var version = application.Version + 1;
            var status = grant ? ApplicationStatus.Granted : ApplicationStatus.Refused;
            var reason = string.IsNullOrWhiteSpace(request.Body.Reason) ? null : request.Body.Reason;
            await db.ExecuteAsync(
                "update application set status = @status, version = @version, decided_by = @by, decided_at = @now, decision_reason = @reason where id = @Id",
                new { status, version, by = caller.UserId, now, reason, request.Id });
            if (!grant)
            {
                await facts.AppendAsync(request.Id, version, new ApplicationRefused(reason!), cancellationToken);
                return Answer.Ok(new { status }, version);
            }

            var accreditation = await EnterAsync(db, application, now, Validity.EndOf(now, required.Select(r => r.ExpiresOn)));
            await facts.AppendAsync(
                [
                    facts.New(request.Id, version, new ApplicationGranted(accreditation.Id, accreditation.Number, accreditation.ValidUntil, reason)),
                    facts.New(accreditation.Id, accreditation.Version, accreditation.ToFact(reason, now)),
                ],
                cancellationToken);
            return Answer.Ok(new { status, accreditationId = accreditation.Id, accreditation.Number, accreditation.ValidFrom, accreditation.ValidUntil }, version);
        }

        private static Task<AccreditationView> EnterAsync(NpgsqlConnection db, LockedApplication application, DateTime from, DateTime until) =>
            db.QuerySingleAsync<AccreditationView>(
                $"""
                 insert into accreditation (id, version, number, application_id, provider_id, provider_name, siret, categories, territories, iban, status, valid_from, valid_until)
                 select @id, 1, 'AGR-' || @year || '-' || case when n < 10000 then lpad(n::text, 4, '0') else n::text end,
                        @applicationId, @ProviderId, @ProviderName, @Siret, @Categories, @Territories, @Iban, 'active', @from, @until
                 from nextval('accreditation_number') n
                 returning {AccreditationView.Columns}
                 """,
                new
                {
                    id = Guid.CreateVersion7(),
                    year = $"{from.Year}",
                    applicationId = application.Id,
                    application.ProviderId,
                    application.ProviderName,
                    application.Siret,
                    application.Categories,
                    application.Territories,
                    application.Iban,
                    from,
                    until,
                });
    }
}
