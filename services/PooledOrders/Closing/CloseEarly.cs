using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Pools;
using MediatR;

namespace Marketplace.PooledOrders.Closing;

/// <summary><c>POST /api/pools/{id}/close</c>: the buyer closes early when the pool is full or the deepest tier is reached (DOMAIN §2).</summary>
public sealed class CloseEarly : IEndpoint
{
    public sealed record Command(Guid Id) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/{id:guid}/close", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .RequireRole(Roles.Buyer).Produces<PoolView>().WithTags("Pools").WithSummary("Close a full pool before its deadline");

    /// <summary>The rule, pure.</summary>
    /// <returns>409 <c>pool-not-open</c> or <c>not-full</c>; null when it may close.</returns>
    public static Problem? Refusal(PoolRow pool, DateTime now)
    {
        if (!pool.TakesCommitmentsAt(now))
        {
            return Commitments.Joining.NotOpen(pool);
        }

        return pool.Available == 0 || pool.CommittedQuantity >= pool.Ladder.DeepestQuantity
            ? null
            : Problem.Conflict("not-full", "A pool closes early only when it is full or its deepest tier is reached.", $"{pool.CommittedQuantity} committed of {pool.Ladder.DeepestQuantity} for the deepest tier; {pool.Available} units left.");
    }

    public sealed class Handler(Session session, ClosePool closing, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            await ClosePool.TakeTurnAsync(db);
            if (await PoolRow.LockAsync(db, request.Id) is not { } pool)
            {
                return Problem.NotFound("pool");
            }

            if (Refusal(pool, clock.GetUtcNow().UtcDateTime) is { } refusal)
            {
                return refusal;
            }

            await closing.CloseAsync(pool, cancellationToken);
            var closed = await PoolRow.FindAsync(db, pool.Id);
            return Answer.Ok(PoolView.Of(closed!), closed!.Version);
        }
    }
}
