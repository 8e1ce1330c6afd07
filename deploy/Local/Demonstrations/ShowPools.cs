using System.Text.Json;
using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>The newest pools of the public list, for people to read.</summary>
internal static class ShowPools
{
    private const int Most = 12;

    public static async Task OnTerminalAsync(LocalMarketplace marketplace, CancellationToken ct)
    {
        using var api = new MarketplaceClient(marketplace.Gateway);
        var pools = (await api.GetAsync($"/api/pools?limit={Most}", null, ct)).OrThrow().Body.GetProperty("items");
        if (pools.GetArrayLength() == 0)
        {
            return;
        }

        Terminal.Table("Pools", ["title", "status", "units", "unit price", "to the next price"], pools.EnumerateArray().Select(Row));
    }

    private static string[] Row(JsonElement pool)
    {
        var missing = pool.TryGetProperty("nextTier", out var tier) && tier.ValueKind == JsonValueKind.Object ? Grants.Cents(tier, "missing") : 0;
        var price = Math.Max(Grants.Cents(pool, "awardedUnitPriceCents"), Grants.Cents(pool, "currentUnitPriceCents"));
        return
        [
            pool.GetProperty("title").GetString()!, pool.GetProperty("status").GetString()!, Amount.Count(Grants.Cents(pool, "committedQuantity")),
            price > 0 ? Amount.Euros(price) : "-", pool.GetProperty("status").GetString() == "open" && missing > 0 ? Amount.Count(missing) : "-",
        ];
    }
}
