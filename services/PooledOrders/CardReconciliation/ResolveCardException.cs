using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>For the history: a person settled a difference, and why.</summary>
public sealed record CardExceptionResolved(Guid ExceptionId, string Resolution, string Reason);

/// <summary>
/// <c>POST /api/pools/card-reconciliation/exceptions/{id}/resolve</c> <c>{resolution, reason}</c>: an exception is resolved by a
/// person with a reason (DOMAIN §6), once. It does not change the figures: the difference stays what it is.
/// </summary>
public sealed class ResolveCardException : IEndpoint
{
    public sealed record Body(string? Resolution, string? Reason);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/card-reconciliation/exceptions/{id:guid}/resolve", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Finance).Produces<CardExceptionView>().WithTags("Card reconciliation").WithSummary("Settle a difference, with a reason");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            RuleFor(c => c.Body!.Resolution).NotEmpty().MaximumLength(200).When(c => c.Body is not null);
            RuleFor(c => c.Body!.Reason).NotEmpty().MaximumLength(2000).When(c => c.Body is not null);
        }
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await db.QuerySingleOrDefaultAsync<string>("select status from card_exception where id = @Id for update", new { request.Id }) is not { } status)
            {
                return Problem.NotFound("exception");
            }

            if (status != "open")
            {
                return Problem.Conflict("wrong-status", "Only an open exception can be resolved.", $"This one is {status}.");
            }

            var resolution = request.Body!.Resolution!.Trim();
            var reason = request.Body.Reason!.Trim();
            await db.ExecuteAsync(
                """
                update card_exception set status = 'resolved', resolution = @resolution, reason = @reason, resolved_by = @user, ended_at = @now, version = version + 1
                where id = @Id
                """, new { resolution, reason, user = caller.UserIdOrEmpty, now = clock.GetUtcNow().UtcDateTime, request.Id });
            var view = await db.QuerySingleAsync<CardExceptionView>(CardExceptionView.Select + "where x.id = @Id", new { request.Id });
            await facts.AppendAsync(view.Id, view.Version, new CardExceptionResolved(view.Id, resolution, reason), cancellationToken);
            return Answer.Ok(view, view.Version);
        }
    }
}
