using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Checkout;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Notices;
using Marketplace.PooledOrders.Pools;
using Npgsql;

namespace Marketplace.PooledOrders.Closing;

/// <summary>
/// Closes one pool in the current transaction (DOMAIN §2.1): the award, what it means for every commitment, and the
/// facts, the notices among them. Only an open pool is closed, so a second run changes nothing.
/// </summary>
public sealed class ClosePool(Session session, FactLog facts, GiveNotice notices, TimeProvider clock)
{
    /// <summary>Allocations told in one message; 5 000 are about 0.6 MB, far below the bus's 4 MiB.</summary>
    private const int AllocationsPerMessage = 5_000;

    /// <summary>One closing at a time in all instances, until the transaction ends: closings are numbered in their order.</summary>
    public static Task TakeTurnAsync(NpgsqlConnection db) => db.ExecuteAsync("select pg_advisory_xact_lock(hashtext('closing'))");

    /// <summary>Decides and writes; <paramref name="pool"/> is open and locked by the caller.</summary>
    public async Task CloseAsync(PoolRow pool, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var bids = (await db.QueryAsync<Bid>(
            """
            select id, quantity, tolerance, price_limit_cents from commitment
            where pool_id = @Id and status in ('pending', 'committed') order by joined_at, id for update
            """, new { pool.Id })).AsList();
        var now = clock.GetUtcNow().UtcDateTime;
        var closingNumber = await db.ExecuteScalarAsync<long>("update closing_counter set last = last + 1 returning last");
        if (Award.Decide(pool.Ladder, bids) is { } award)
        {
            await ConfirmAsync(pool, award, closingNumber, now, ct);
        }
        else
        {
            await FailAsync(pool, closingNumber, now, ct);
        }
    }

    private async Task ConfirmAsync(PoolRow pool, Award award, long closingNumber, DateTime now, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var amounts = award.Served.Select(s => (s.Id, s.Quantity, Amounts: Amounts.Of(s.Quantity, award.UnitPriceCents, pool.VatRateBps))).ToList();
        var version = pool.Version + 1;
        await db.ExecuteAsync(
            "update pool set status = 'confirmed', awarded_unit_price_cents = @UnitPriceCents, ordered_quantity = @ordered, closed_at = @now, version = @version where id = @Id",
            new { award.UnitPriceCents, ordered = award.Served.Sum(s => s.Quantity), now, version, pool.Id });
        var confirmed = (await db.QueryAsync<(Guid Id, int Version, int Quantity, long Net, long Vat, Guid Organisation)>(
            """
            update commitment c set status = 'confirmed', allocated_quantity = s.quantity, unit_price_cents = @UnitPriceCents, net_cents = s.net, vat_cents = s.vat, version = c.version + 1
            from unnest(@ids, @quantities, @nets, @vats) as s (id, quantity, net, vat) where c.id = s.id
            returning c.id, c.version, c.allocated_quantity, c.net_cents, c.vat_cents, c.organisation_id
            """,
            new
            {
                award.UnitPriceCents,
                ids = amounts.Select(a => a.Id).ToArray(),
                quantities = amounts.Select(a => a.Quantity).ToArray(),
                nets = amounts.Select(a => a.Amounts.NetCents).ToArray(),
                vats = amounts.Select(a => a.Amounts.VatCents).ToArray(),
            })).AsList();
        await facts.AppendAsync([.. confirmed.Select(c => facts.New(c.Id, c.Version, new CommitmentConfirmed(c.Id, c.Quantity, award.UnitPriceCents, c.Net, c.Vat)))], ct);
        await ReleaseAsync(award.Released, "price-limit-not-met", ct);

        var parts = amounts.Select(a => new Allocation(a.Id, a.Quantity, a.Amounts.NetCents)).Chunk(AllocationsPerMessage).ToList();
        await facts.AppendAsync(
            [.. parts.Select((part, i) => facts.New(pool.Id, version, new PoolConfirmed(
                pool.Id, pool.PackId, pool.ProviderId, pool.ProviderName, award.UnitPriceCents, part, amounts.Count, i + 1, parts.Count, now, version, closingNumber)))], ct);

        // Without a programme there is no aid to wait for: what a business pays is known already.
        var isFinal = pool.ProgrammeIds.Length == 0;
        await notices.ToAsync(
            Notice.Once(pool, NoticeKind.PoolConfirmed) with { UnitPriceCents = award.UnitPriceCents },
            confirmed.Select(c => new NoticeRecipient(c.Organisation, c.Id, isFinal ? c.Net + c.Vat : null)), ct);
        await notices.ToAsync(Notice.Once(pool, NoticeKind.OrderConfirmed) with { UnitPriceCents = award.UnitPriceCents }, [new NoticeRecipient(pool.ProviderId, null, null)], ct);
    }

    private async Task FailAsync(PoolRow pool, long closingNumber, DateTime now, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var version = pool.Version + 1;
        await db.ExecuteAsync(
            "update pool set status = 'failed', end_reason = 'minimum-not-reached', closed_at = @now, version = @version where id = @Id",
            new { now, version, pool.Id });
        var live = await db.QueryAsync<Guid>("select id from commitment where pool_id = @Id and status in ('pending', 'committed')", new { pool.Id });
        await notices.ToCommittedAsync(Notice.Once(pool, NoticeKind.PoolFailed), ct);
        await ReleaseAsync(live.AsList(), "pool-failed", ct);
        await facts.AppendAsync(pool.Id, version, new PoolEnded(pool.Id, PoolStatus.Failed, null, version, closingNumber), ct);
    }

    private async Task ReleaseAsync(IReadOnlyCollection<Guid> ids, string reason, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var released = await db.QueryAsync<(Guid Id, int Version)>(
            "update commitment set status = 'released', end_reason = @reason, version = version + 1 where id = any(@ids) returning id, version",
            new { reason, ids = ids.ToArray() });
        await facts.AppendAsync([.. released.Select(c => facts.New(c.Id, c.Version, new CommitmentReleased(c.Id, reason)))], ct);
    }
}
