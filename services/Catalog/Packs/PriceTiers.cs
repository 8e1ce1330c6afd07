namespace Marketplace.Catalog.Packs;

/// <summary>What price tiers have to hold to (DOMAIN §1).</summary>
public static class PriceTiers
{
    /// <summary>
    /// Quantities strictly rising, unit prices strictly falling, the first price at most the list price. Missing values
    /// are not compared: they are refused as missing.
    /// </summary>
    /// <param name="tiers">The tiers in the order given.</param>
    /// <param name="listPriceCents">The list price in cents.</param>
    /// <returns>The fields that break the rule, each with the reason; none when it holds.</returns>
    public static IEnumerable<(string Field, string Message)> Violations(IReadOnlyList<TierTerms?>? tiers, long? listPriceCents)
    {
        if (tiers is not { Count: > 0 })
        {
            yield break;
        }

        if (tiers[0]?.UnitPriceCents > listPriceCents)
        {
            yield return ("tiers[0].unitPriceCents", "The first tier's price is at most the list price.");
        }

        for (var i = 1; i < tiers.Count; i++)
        {
            if (tiers[i]?.MinQuantity <= tiers[i - 1]?.MinQuantity)
            {
                yield return ($"tiers[{i}].minQuantity", "Quantities rise from tier to tier.");
            }

            if (tiers[i]?.UnitPriceCents >= tiers[i - 1]?.UnitPriceCents)
            {
                yield return ($"tiers[{i}].unitPriceCents", "Prices fall from tier to tier.");
            }
        }
    }
}
