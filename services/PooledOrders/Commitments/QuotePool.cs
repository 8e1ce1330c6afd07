using Dapper;
using FluentValidation;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Checkout;
using Marketplace.PooledOrders.Pools;
using MediatR;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>One what-if of a quote. Amounts in cents; <c>missing</c> only for the next tier.</summary>
public sealed record QuotedPrice(long UnitPriceCents, int Quantity, long NetCents, long VatCents, QuotedAid[] Aid, long AidCents, long PayableCents, int? MinQuantity = null, int? Missing = null);

/// <summary>A programme's aid in a quote, with every limit that bites (DOMAIN §5).</summary>
public sealed record QuotedAid(Guid ProgrammeId, string Funder, long AmountCents, string[] LimitedBy);

/// <summary>
/// What a quantity would cost (DOMAIN §3): at today's total with this quantity in it (null below the minimum), at the
/// next tier (null at the deepest), and at worst: quantity + tolerance at the dearest tier that the limit accepts.
/// </summary>
public sealed record Quote(QuotedPrice? Today, QuotedPrice? NextTier, QuotedPrice? WorstCase);

/// <summary><c>GET /api/pools/{id}/quote</c>. The subsidies service computes the aid, asked through the sidecars on the business's behalf.</summary>
public sealed class QuotePool : IEndpoint
{
    public sealed record Query(Guid PoolId, int? Quantity, int? Tolerance, long? PriceLimitCents) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/{id:guid}/quote", (Guid id, int? quantity, int? tolerance, long? priceLimitCents, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(id, quantity, tolerance, priceLimitCents), ct))
        .RequireRole(Roles.Business).Produces<Quote>().WithTags("Pools").WithSummary("What would it cost us, with aid");

    public sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(q => q.Quantity).NotNull().InclusiveBetween(1, 1_000_000);
            RuleFor(q => q.Tolerance).InclusiveBetween(0, 1_000_000);
            RuleFor(q => q.PriceLimitCents).InclusiveBetween(1, 1_000_000_000);
        }
    }

    private sealed record AidEstimateRequest(Guid? CommitmentId, string Category, Guid[] ProgrammeIds, long[] NetCents);

    private sealed record AidEstimates(AidEstimate[] Estimates);

    private sealed record AidEstimate(AidPart[] Parts);

    public sealed class Handler(Session session, Caller caller, DaprClient dapr) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await PoolRow.FindAsync(db, request.PoolId) is not { } pool)
            {
                return Problem.NotFound("pool");
            }

            var demand = new Demand(request.Quantity!.Value, request.Tolerance ?? 0, request.PriceLimitCents);
            if (Joining.OutOfReach(pool, demand) is { } refusal)
            {
                return refusal;
            }

            var own = await db.QuerySingleOrDefaultAsync<OwnCommitment>(
                "select id, quantity from commitment where pool_id = @Id and organisation_id = @organisation and status in ('pending', 'committed')",
                new { pool.Id, organisation = caller.OrganisationId });
            var total = (long)pool.CommittedQuantity - (own?.Quantity ?? 0) + demand.Quantity;
            var next = pool.Ladder.Next(total);
            Case?[] cases =
            [
                pool.Ladder.PriceAt(total) is { } price ? new Case(demand.Quantity, price) : null,
                next is null ? null : new Case(demand.Quantity, next.UnitPriceCents, next),
                new Case(demand.Units, pool.Ladder.DearestAccepted(demand.PriceLimitCents)!.Value),
            ];
            var asked = cases.OfType<Case>().ToList();
            AidEstimates aid;
            try
            {
                aid = await dapr.InvokeMethodAsync<AidEstimateRequest, AidEstimates>(
                    "subsidies", "internal/aid-estimates",
                    new AidEstimateRequest(own?.Id, pool.Category, pool.ProgrammeIds, [.. asked.Select(c => c.NetCents)]),
                    caller.Authorization, cancellationToken);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                return new Problem(503, "aid-unavailable", "The aid cannot be computed at this moment.", "Try again in a few seconds.");
            }

            var quoted = asked.Zip(aid.Estimates, (c, estimate) => (Case: c, Price: c.With(estimate.Parts, pool.VatRateBps))).ToDictionary(q => q.Case, q => q.Price);
            QuotedPrice? At(int i) => cases[i] is { } c ? quoted[c] : null;
            return Answer.Ok(new Quote(At(0), At(1), At(2)));
        }

        private sealed record OwnCommitment(Guid Id, int Quantity);

        private sealed class Case(int quantity, long unitPriceCents, NextTier? next = null)
        {
            public long NetCents => checked(quantity * unitPriceCents);

            public QuotedPrice With(AidPart[] parts, int vatRateBps)
            {
                var amounts = Amounts.Of(quantity, unitPriceCents, vatRateBps) with { AidCents = parts.Sum(p => p.AmountCents) };
                return new QuotedPrice(
                    unitPriceCents, quantity, amounts.NetCents, amounts.VatCents,
                    [.. parts.Select(p => new QuotedAid(p.ProgrammeId, p.Funder, p.AmountCents, p.LimitedBy))],
                    amounts.AidCents, amounts.PayableCents, next?.MinQuantity, next?.Missing);
            }
        }
    }
}
