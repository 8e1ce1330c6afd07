using Marketplace.Events.Catalog;

namespace Marketplace.PooledOrders.Pools;

/// <summary>The pack of a pool, in the version the pool was opened with.</summary>
public sealed record PoolPack(
    Guid Id,
    int Version,
    string Name,
    string Category,
    string Unit,
    int TermMonths,
    long ListPriceCents,
    int VatRateBps,
    Guid ProviderId,
    string ProviderName);

/// <summary>A pool as the API shows it (API.md, Pools). Prices in cents excluding VAT.</summary>
/// <param name="CurrentUnitPriceCents">The price at today's total; null below the minimum.</param>
/// <param name="NextTier">The next better price and how many units are missing; null at the deepest tier.</param>
/// <param name="AwardedUnitPriceCents">The price everyone pays, once confirmed.</param>
public sealed record PoolView(
    Guid Id,
    string Title,
    PoolPack Pack,
    string Status,
    DateTime OpensAt,
    DateTime ClosesAt,
    PriceTier[] Tiers,
    int MinQuantity,
    int MaxQuantity,
    string[] Territories,
    Guid[] ProgrammeIds,
    int CommittedQuantity,
    int ToleranceQuantity,
    int CommitmentCount,
    int AvailableQuantity,
    long? CurrentUnitPriceCents,
    NextTier? NextTier,
    long? AwardedUnitPriceCents,
    int? OrderedQuantity,
    DateTime? ClosedAt,
    string? EndReason,
    int Version)
{
    /// <summary>The view of a row.</summary>
    public static PoolView Of(PoolRow pool) => new(
        pool.Id,
        pool.Title,
        new PoolPack(pool.PackId, pool.PackVersion, pool.PackName, pool.Category, pool.Unit, pool.TermMonths, pool.ListPriceCents, pool.VatRateBps, pool.ProviderId, pool.ProviderName),
        pool.Status,
        pool.OpensAt,
        pool.ClosesAt,
        pool.Tiers,
        pool.MinQuantity,
        pool.MaxQuantity,
        pool.Territories,
        pool.ProgrammeIds,
        pool.CommittedQuantity,
        pool.ToleranceQuantity,
        pool.CommitmentCount,
        pool.Available,
        pool.Ladder.PriceAt(pool.CommittedQuantity),
        pool.Ladder.Next(pool.CommittedQuantity),
        pool.AwardedUnitPriceCents,
        pool.OrderedQuantity,
        pool.ClosedAt,
        pool.EndReason,
        pool.Version);
}
