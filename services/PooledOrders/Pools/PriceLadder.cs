using Marketplace.Events.Catalog;

namespace Marketplace.PooledOrders.Pools;

/// <summary>A price and the total quantity from which it holds.</summary>
/// <param name="MinQuantity">From this total on.</param>
/// <param name="UnitPriceCents">Unit price excluding VAT, in cents.</param>
/// <param name="Missing">Units that are still missing, ≥ 1.</param>
public sealed record NextTier(int MinQuantity, long UnitPriceCents, int Missing);

/// <summary>
/// The price ladder of a pool (DOMAIN §1, §2): the pack's tiers, quantities strictly rising and prices strictly falling;
/// a tier below the pool's minimum needs the minimum.
/// </summary>
/// <param name="Tiers">The pack version's tiers, shallowest first, at least one.</param>
/// <param name="MinQuantity">The pool's minimum, ≥ the first tier's quantity.</param>
public sealed record PriceLadder(IReadOnlyList<PriceTier> Tiers, int MinQuantity)
{
    /// <summary>The deepest tier's price in cents: the lowest that anybody can get.</summary>
    public long LowestPriceCents => Tiers[^1].UnitPriceCents;

    /// <summary>The total quantity that reaches the deepest tier.</summary>
    public int DeepestQuantity => Needed(Tiers[^1]);

    /// <summary>The quantity that a tier needs in this pool.</summary>
    public int Needed(PriceTier tier) => Math.Max(tier.MinQuantity, MinQuantity);

    /// <summary>The unit price at a total quantity, in cents; null below the minimum.</summary>
    public long? PriceAt(long quantity) => Tiers.LastOrDefault(t => Needed(t) <= quantity)?.UnitPriceCents;

    /// <summary>
    /// p(Q) of DOMAIN §2.1: the price of the greatest tier quantity ≤ Q, whatever the pool's minimum; null where Q is
    /// below the first tier.
    /// </summary>
    public long? TierPriceAt(long quantity) => Tiers.LastOrDefault(t => t.MinQuantity <= quantity)?.UnitPriceCents;

    /// <summary>The next better price above a total quantity; null when the deepest tier is reached.</summary>
    public NextTier? Next(long quantity)
    {
        var first = Tiers.FirstOrDefault(t => Needed(t) > quantity);
        if (first is null)
        {
            return null;
        }

        var best = Tiers.Last(t => Needed(t) == Needed(first));
        return new NextTier(Needed(best), best.UnitPriceCents, (int)(Needed(best) - quantity));
    }

    /// <summary>
    /// The dearest tier price that a price limit accepts, in cents: what a business pays at worst, and what aid is
    /// reserved on (DOMAIN §3, §5). Null when the limit is below every tier.
    /// </summary>
    public long? DearestAccepted(long? priceLimitCents) =>
        Tiers.FirstOrDefault(t => priceLimitCents is null || t.UnitPriceCents <= priceLimitCents)?.UnitPriceCents;
}
