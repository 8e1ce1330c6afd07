using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Pools;

/// <summary><c>POST /api/pools/{id}/extend</c>: before the deadline, at most twice, 30 days in total, never shortened (DOMAIN §2).</summary>
public sealed class ExtendPool : IEndpoint
{
    public sealed record Body(DateTime? ClosesAt);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/pools/{id:guid}/extend", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Buyer).Produces<PoolView>().WithTags("Pools").WithSummary("Move the deadline later");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            RuleFor(c => c.Body!.ClosesAt).NotNull().When(c => c.Body is not null);
        }
    }

    /// <summary>The rule, pure.</summary>
    /// <returns>The refusal, or null.</returns>
    public static Problem? Refusal(PoolRow pool, DateTime closesAt, DateTime now)
    {
        if (pool.Status is not (PoolStatus.Scheduled or PoolStatus.Open) || now >= pool.ClosesAt)
        {
            return Problem.Conflict("pool-not-open", "The pool takes no extension any more.", $"It is {pool.Status}; its deadline was {pool.ClosesAt:O}.");
        }

        if (closesAt <= pool.ClosesAt)
        {
            return Problem.Invalid("closesAt", "A deadline is never shortened.");
        }

        var total = TimeSpan.FromSeconds(pool.ExtendedSeconds) + (closesAt - pool.ClosesAt);
        return pool.ExtensionCount >= 2 || total > TimeSpan.FromDays(30)
            ? Problem.Conflict("extension-limit", "A pool is extended at most twice and by 30 days in total.", $"It was extended {pool.ExtensionCount} times so far; this would make {total.TotalDays:0.#} days.")
            : null;
    }

    public sealed class Handler(Session session, FactLog facts, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await PoolRow.LockAsync(db, request.Id) is not { } pool)
            {
                return Problem.NotFound("pool");
            }

            var closesAt = request.Body!.ClosesAt!.Value;
            if (Refusal(pool, closesAt, clock.GetUtcNow().UtcDateTime) is { } refusal)
            {
                return refusal;
            }

            await db.ExecuteAsync(
                """
                update pool set closes_at = @closesAt, extension_count = extension_count + 1,
                  extended_seconds = extended_seconds + ceil(extract(epoch from @closesAt - closes_at))::bigint, version = version + 1
                where id = @Id
                """, new { closesAt, request.Id });
            await facts.AppendAsync(pool.Id, pool.Version + 1, new PoolExtended(pool.Id, closesAt), cancellationToken);
            var changed = await PoolRow.FindAsync(db, pool.Id);
            return Answer.Ok(PoolView.Of(changed!), changed!.Version);
        }
    }
}
