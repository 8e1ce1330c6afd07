using System.Text.Json;
using Dapper;
using Marketplace.Events.Catalog;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.PooledOrders.Pools;

/// <summary>The states of a pool (DOMAIN §2).</summary>
public static class PoolStatus
{
    public const string Scheduled = "scheduled";
    public const string Open = "open";
    public const string Frozen = "frozen";
    public const string Confirmed = "confirmed";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";
    public const string Fulfilling = "fulfilling";
    public const string Settled = "settled";

    /// <summary>Every state, as lists may filter by it.</summary>
    public static readonly string[] All = [Scheduled, Open, Frozen, Confirmed, Failed, Fulfilling, Settled, Cancelled];

    /// <summary>Before the award: may still be cancelled.</summary>
    public static readonly string[] BeforeAward = [Scheduled, Open, Frozen];

    /// <summary>After the award: the provider sees who ordered.</summary>
    public static readonly string[] Awarded = [Confirmed, Fulfilling, Settled];
}

/// <summary>A pool with the terms of the pack version it was opened with.</summary>
public sealed record PoolRow(
    Guid Id,
    Guid PackId,
    int PackVersion,
    string Title,
    string Status,
    DateTime OpensAt,
    DateTime ClosesAt,
    int MinQuantity,
    int MaxQuantity,
    string[] Territories,
    Guid[] ProgrammeIds,
    int CommittedQuantity,
    int ToleranceQuantity,
    int CommitmentCount,
    int ExtensionCount,
    long ExtendedSeconds,
    DateTime? FrozenAt,
    long? AwardedUnitPriceCents,
    int? OrderedQuantity,
    DateTime? ClosedAt,
    string? EndReason,
    int Version,
    Guid ProviderId,
    string ProviderName,
    string PackName,
    string Category,
    string Unit,
    int TermMonths,
    long ListPriceCents,
    int VatRateBps,
    int Capacity,
    string TiersJson)
{
    /// <summary>The select list and joins that make a row; add <c>where</c>, <c>order by</c> and <c>for update of p</c>.</summary>
    public const string Select =
        """
        select p.id, p.pack_id, p.pack_version, p.title, p.status, p.opens_at, p.closes_at, p.min_quantity, p.max_quantity,
               p.territories, p.programme_ids, p.committed_quantity, p.tolerance_quantity, p.commitment_count,
               p.extension_count, p.extended_seconds, p.frozen_at, p.awarded_unit_price_cents, p.ordered_quantity,
               p.closed_at, p.end_reason, p.version,
               v.provider_id, v.provider_name, v.name as pack_name, v.category, v.unit, v.term_months, v.list_price_cents,
               v.vat_rate_bps, v.capacity, v.tiers::text as tiers_json
        from pool p join pack_version v on v.pack_id = p.pack_id and v.pack_version = p.pack_version

        """;

    /// <summary>The price tiers, shallowest first.</summary>
    public PriceTier[] Tiers { get; } = JsonSerializer.Deserialize<PriceTier[]>(TiersJson, Json.Options)!;

    /// <summary>The tiers under the pool's minimum.</summary>
    public PriceLadder Ladder => new(Tiers, MinQuantity);

    /// <summary>Units that may still be committed, tolerance included.</summary>
    public int Available => MaxQuantity - CommittedQuantity - ToleranceQuantity;

    /// <summary>True while businesses may join, amend and withdraw.</summary>
    public bool TakesCommitmentsAt(DateTime now) => Status == PoolStatus.Open && now < ClosesAt;

    /// <summary>Reads a pool; null when there is none.</summary>
    public static Task<PoolRow?> FindAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<PoolRow>(Select + "where p.id = @id", new { id });

    /// <summary>Reads a pool and locks it until the transaction ends; null when there is none.</summary>
    public static Task<PoolRow?> LockAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<PoolRow>(Select + "where p.id = @id for update of p", new { id });
}
