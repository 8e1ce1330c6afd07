using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Applications;

/// <summary>An assessor sends an application back for missing evidence: it is a draft again, with the reason.</summary>
public sealed class ReturnApplication : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapPost("/api/accreditation/applications/{id:guid}/return", Task<Answer> (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
            .RequireRole(Roles.Assessor);

    public sealed record Body(string? Reason);

    public sealed record Command(Guid Id, Body Body) : ICommand;

    public sealed class Rules : AbstractValidator<Command>
    {
        public Rules() => RuleFor(c => c.Body.Reason).NotEmpty().MaximumLength(4000);
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

            if (ApplicationStatus.Refuses(application.Status, ApplicationStatus.Submitted, ApplicationStatus.Review) is { } refusal)
            {
                return refusal;
            }

            var reason = request.Body.Reason!;
            var version = application.Version + 1;
            await db.ExecuteAsync("update application set status = 'draft', version = @version, return_reason = @reason where id = @Id", new { version, reason, request.Id });
            await facts.AppendAsync(request.Id, version, new ApplicationReturned(reason), cancellationToken);
            return Answer.Ok((await ApplicationView.ReadAsync(db, request.Id, caller, clock.GetUtcNow().UtcDateTime))!, version);
        }
    }
}
