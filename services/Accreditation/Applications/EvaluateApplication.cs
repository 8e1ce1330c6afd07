using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>An assessor records what the evidence shows, criterion by criterion; another one will decide.</summary>
public sealed class EvaluateApplication : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/accreditation/applications/{id:guid}/evaluation", Task<Answer> (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
            .RequireRole(Roles.Assessor);

    public sealed record FindingBody(string? CriterionKey, bool? Met, string? Note);

    public sealed record Body(FindingBody?[]? Findings);

    public sealed record Command(Guid Id, Body Body) : ICommand;

    public sealed class Rules : AbstractValidator<Command>
    {
        public Rules()
        {
            RuleFor(c => c.Body.Findings).Cascade(CascadeMode.Stop)
                .NotEmpty().WithMessage("At least one finding is needed.")
                .Must(f => f!.Length <= 100).WithMessage("There are at most 100 findings.")
                .Must(f => f!.DistinctBy(x => x?.CriterionKey).Count() == f!.Length).WithMessage("A criterion is named twice.");
            RuleForEach(c => c.Body.Findings).NotNull().ChildRules(finding =>
            {
                finding.RuleFor(f => f!.CriterionKey).NotEmpty().MaximumLength(100);
                finding.RuleFor(f => f!.Met).NotNull();
                finding.RuleFor(f => f!.Note).MaximumLength(4000);
            });
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

            var findings = request.Body.Findings!.Select(f => new Finding(f!.CriterionKey!, f.Met!.Value, f.Note)).ToList();
            var known = (await db.QueryAsync<string>("select key from criterion where scheme_version = @SchemeVersion", new { application.SchemeVersion })).ToHashSet();
            var unknown = findings.Index().Where(f => !known.Contains(f.Item.CriterionKey)).ToList();
            if (unknown.Count > 0)
            {
                return Problem.Invalid(unknown.ToDictionary(f => $"findings[{f.Index}].criterionKey", _ => new[] { "The application's scheme has no such criterion." }));
            }

            if (ApplicationStatus.Refuses(application.Status, ApplicationStatus.Submitted) is { } refusal)
            {
                return refusal;
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var version = application.Version + 1;
            var evaluators = application.Evaluators.Append(caller.UserIdOrEmpty).Distinct().ToArray();
            await db.ExecuteAsync(
                "update application set status = 'review', version = @version, evaluators = @evaluators, evaluated_at = @now, findings = @findings::jsonb where id = @Id",
                new { version, evaluators, now, findings = JsonSerializer.Serialize(findings, Json.Options), request.Id });
            await facts.AppendAsync(request.Id, version, new ApplicationEvaluated(findings), cancellationToken);
            return Answer.Ok((await ApplicationView.ReadAsync(db, request.Id, caller, now))!, version);
        }
    }
}
