using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Closing;

/// <summary>A live commitment as the closing sees it.</summary>
/// <param name="Id">The commitment.</param>
/// <param name="Quantity">q ≥ 1.</param>
/// <param name="Tolerance">t ≥ 0: units it would take on top if that brings a lower price.</param>
/// <param name="PriceLimitCents">The highest unit price it accepts; null for any.</param>
public sealed record Bid(Guid Id, int Quantity, int Tolerance, long? PriceLimitCents);

/// <summary>What a pool's closing comes to: one price for everyone who is served (DOMAIN §2.1).</summary>
/// <param name="UnitPriceCents">The awarded unit price excluding VAT, in cents.</param>
/// <param name="Served">Quantity by commitment, in the order given to <see cref="Decide"/>.</param>
/// <param name="Released">Commitments whose price limit the award does not meet.</param>
public sealed record Award(long UnitPriceCents, IReadOnlyList<(Guid Id, int Quantity)> Served, IReadOnlyList<Guid> Released)
{
    /// <summary>
    /// Decides a closing: tiers from the deepest to the shallowest; the first that is feasible and that no receiver of
    /// tolerance units pays more for is awarded. Pure: the same bids in the same order give the same award.
    /// </summary>
    /// <param name="ladder">The pool's tiers and minimum.</param>
    /// <param name="bids">The live commitments in join order, then id: ties of the largest remainder go to the earlier.</param>
    /// <returns>The award, or null: the pool has failed.</returns>
    public static Award? Decide(PriceLadder ladder, IReadOnlyList<Bid> bids)
    {
        foreach (var tier in ladder.Tiers.Reverse())
        {
            var served = bids.Where(b => b.PriceLimitCents is null || b.PriceLimitCents >= tier.UnitPriceCents).ToList();
            var quantity = served.Sum(b => (long)b.Quantity);
            var tolerance = served.Sum(b => (long)b.Tolerance);
            var needed = ladder.Needed(tier);
            if (quantity + tolerance < needed)
            {
                continue;
            }

            var extra = (int)Math.Max(0, needed - quantity);
            var shares = LargestRemainder.Share(extra, served.Select(b => b.Tolerance).ToList());
            if (IsDearerForAReceiver(served, shares, tier.UnitPriceCents, ladder.TierPriceAt(quantity)))
            {
                continue;
            }

            var included = served.Select(b => b.Id).ToHashSet();
            return new Award(
                tier.UnitPriceCents,
                served.Select((b, i) => (b.Id, b.Quantity + shares[i])).ToList(),
                bids.Where(b => !included.Contains(b.Id)).Select(b => b.Id).ToList());
        }

        return null;
    }

    /// <summary>
    /// Tolerance units must not make anyone's total dearer than without them; where there would be no price without
    /// them (below the first tier), the tolerance itself is the consent.
    /// </summary>
    private static bool IsDearerForAReceiver(List<Bid> served, int[] shares, long priceCents, long? priceWithoutCents)
    {
        if (priceWithoutCents is not { } without)
        {
            return false;
        }

        return served.Where((b, i) => shares[i] > 0 && checked((b.Quantity + shares[i]) * priceCents) > checked(b.Quantity * without)).Any();
    }
}
