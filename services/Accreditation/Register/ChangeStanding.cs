using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Accreditation.Register;

/// <summary>An assessor suspends, reinstates or withdraws an accreditation, with a written reason.</summary>
public sealed class ChangeStanding : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (action, next) in new[] { ("suspend", Standing.Suspended), ("reinstate", Standing.Active), ("withdraw", Standing.Withdrawn) })
        {
            routes.MapPost(
                    $"/api/accreditation/accreditations/{{id:guid}}/{action}",
                    Task<Answer> (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, next, body), ct))
                .RequireRole(Roles.Assessor);
        }
    }

    public sealed record Body(string? Reason);

    public sealed record Command(Guid Id, string Next, Body Body) : ICommand;

    public sealed class Rules : AbstractValidator<Command>
    {
        public Rules() => RuleFor(c => c.Body.Reason).NotEmpty().MaximumLength(4000);
    }

    public sealed class Handler(Session session, FactLog facts, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var present = await db.QuerySingleOrDefaultAsync<Present>("select status, valid_until from accreditation where id = @Id for update", new { request.Id });
            if (present is null)
            {
                return Problem.NotFound("accreditation");
            }

            var now = clock.GetUtcNow().UtcDateTime;
            if (Standing.Refuses(present.Status, present.ValidUntil, request.Next, now) is { } refusal)
            {
                return refusal;
            }

            var changed = (await AccreditationView.ChangeAsync(db, [request.Id], request.Next, request.Body.Reason)).Single();
            await facts.AppendAsync(changed.Id, changed.Version, changed.ToFact(request.Body.Reason, now), cancellationToken);
            return Answer.Ok(changed, changed.Version);
        }
    }

    private sealed record Present(string Status, DateTime ValidUntil);
}
