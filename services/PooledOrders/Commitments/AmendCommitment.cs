using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Pools;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>
/// <c>PATCH /api/commitments/{id}</c>: free until the deadline (DOMAIN §2). Fields that are absent stay; an explicit
/// <c>null</c> takes the price limit away. Honours <c>If-Match</c>.
/// </summary>
public sealed class AmendCommitment : IEndpoint
{
    /// <summary>The price limit is raw JSON so that <c>null</c> and absent can be told apart.</summary>
    public sealed record Body(int? Quantity, int? Tolerance, JsonElement PriceLimitCents);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPatch("/api/commitments/{id:guid}", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Business).Produces<CommitmentView>().WithTags("Commitments").WithSummary("Change a commitment before the deadline");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Quantity).InclusiveBetween(1, 1_000_000);
                RuleFor(c => c.Body!.Tolerance).InclusiveBetween(0, 1_000_000);
                RuleFor(c => c.Body!.PriceLimitCents)
                    .Must(l => l.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null || l.ValueKind == JsonValueKind.Number && l.TryGetInt64(out var cents) && cents is >= 1 and <= 1_000_000_000)
                    .WithMessage("A price limit is a whole number of cents from 1 to 1000000000, or null for none.");
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockOwnAsync(db, request.Id, caller.OrganisationId) is not { } own)
            {
                return Problem.NotFound("commitment");
            }

            var (pool, commitment) = own;
            if (caller.ExpectedVersion is { } expected && expected != commitment.Version)
            {
                return Problem.Stale(commitment.Version);
            }

            var demand = Amended(commitment, request.Body!);
            if (Refusal(pool, commitment, demand, clock.GetUtcNow().UtcDateTime) is { } refusal)
            {
                return refusal;
            }

            var version = commitment.Version + 1;
            await db.ExecuteAsync(
                """
                update commitment set quantity = @Quantity, tolerance = @Tolerance, price_limit_cents = @PriceLimitCents,
                  status = 'pending', placed_version = @version, version = @version where id = @Id;
                update pool set committed_quantity = committed_quantity + @quantityDelta, tolerance_quantity = tolerance_quantity + @toleranceDelta,
                  version = version + 1 where id = @PoolId;
                """,
                new { demand.Quantity, demand.Tolerance, demand.PriceLimitCents, version, request.Id, quantityDelta = demand.Quantity - commitment.Quantity, toleranceDelta = demand.Tolerance - commitment.Tolerance, commitment.PoolId });
            await facts.AppendAsync(commitment.Id, version, Placement.Of(commitment, pool, demand, version), cancellationToken);
            return Answer.Ok(CommitmentView.Of((await CommitmentRow.FindAsync(db, request.Id))!), version);
        }

        private static Demand Amended(CommitmentRow commitment, Body body) => new(
            body.Quantity ?? commitment.Quantity,
            body.Tolerance ?? commitment.Tolerance,
            body.PriceLimitCents.ValueKind switch
            {
                JsonValueKind.Undefined => commitment.PriceLimitCents,
                JsonValueKind.Null => null,
                _ => body.PriceLimitCents.GetInt64(),
            });

        private static Problem? Refusal(PoolRow pool, CommitmentRow commitment, Demand demand, DateTime now)
        {
            if (!CommitmentStatus.BeforeClosing.Contains(commitment.Status))
            {
                return Problem.Conflict("wrong-status", "This commitment can no longer be changed.", $"It is {commitment.Status}.");
            }

            if (!pool.TakesCommitmentsAt(now))
            {
                return Joining.NotOpen(pool);
            }

            return Joining.OutOfReach(pool, demand) ?? Joining.Exceeded(pool.Available + commitment.Quantity + commitment.Tolerance, demand);
        }
    }
}
