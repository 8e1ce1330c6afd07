using Dapper;
using FluentValidation;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Notices;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Pools;

/// <summary><c>POST /api/pools/{id}/cancel</c>: from any state before the award, with a reason (DOMAIN §2).</summary>
public sealed class CancelPool : IEndpoint
{
    public sealed record Body(string? Reason);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/{id:guid}/cancel", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Buyer).Produces<PoolView>().WithTags("Pools").WithSummary("Cancel a pool before its award");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            RuleFor(c => c.Body!.Reason).NotEmpty().MaximumLength(2000).When(c => c.Body is not null);
        }
    }

    public sealed class Handler(Session session, FactLog facts, GiveNotice notices, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await PoolRow.LockAsync(db, request.Id) is not { } pool)
            {
                return Problem.NotFound("pool");
            }

            if (!PoolStatus.BeforeAward.Contains(pool.Status))
            {
                return Problem.Conflict("wrong-status", "Only a pool before its award can be cancelled.", $"This one is {pool.Status}.");
            }

            var reason = request.Body!.Reason!.Trim();
            var now = clock.GetUtcNow().UtcDateTime;
            await db.ExecuteAsync(
                "update pool set status = 'cancelled', frozen_at = null, end_reason = @reason, closed_at = @now, version = version + 1 where id = @Id",
                new { reason, now, request.Id });
            await notices.ToCommittedAsync(Notice.Once(pool, NoticeKind.PoolCancelled), cancellationToken);
            var cancelled = await db.QueryAsync<(Guid Id, int Version)>(
                """
                update commitment set status = 'cancelled', end_reason = @reason, version = version + 1
                where pool_id = @Id and status in ('pending', 'committed') returning id, version
                """, new { reason, request.Id });
            await facts.AppendAsync([.. cancelled.Select(c => facts.New(c.Id, c.Version, new CommitmentReleased(c.Id, "pool-cancelled")))], cancellationToken);
            await facts.AppendAsync(pool.Id, pool.Version + 1, new PoolEnded(pool.Id, PoolStatus.Cancelled, reason, pool.Version + 1), cancellationToken);
            var changed = await PoolRow.FindAsync(db, pool.Id);
            return Answer.Ok(PoolView.Of(changed!), changed!.Version);
        }
    }
}
