using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>
/// Writes that deliveries of one pool are accepted, in the current transaction, and tells the subsidies that the service
/// is done. The caller holds the locks of the pool and of the commitments.
/// </summary>
public sealed class Acceptance(Session session, FactLog facts, Fulfilment fulfilment, TimeProvider clock)
{
    /// <summary>Accepts those of <paramref name="ids"/> that are delivered.</summary>
    /// <param name="poolId">Their pool.</param>
    /// <param name="ids">Commitments.</param>
    /// <param name="tacit">The business stayed silent: it counts as accepted when its seven days were over.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task AcceptAsync(Guid poolId, Guid[] ids, bool tacit, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var accepted = await db.QueryAsync<Accepted>(
            """
            update commitment c set status = 'accepted', tacit = @tacit, accepted_at = case when @tacit then declared_at + @Silence else @now end, version = c.version + 1
            from pool p join pack_version v on v.pack_id = p.pack_id and v.pack_version = p.pack_version
            where c.id = any(@ids) and c.pool_id = @poolId and p.id = c.pool_id and c.status = 'delivered'
            returning c.id, v.provider_id, c.delivered_quantity, c.unit_price_cents, c.delivered_on, c.accepted_at, c.version
            """, new { poolId, ids, tacit, Declaring.Silence, now = clock.GetUtcNow().UtcDateTime });
        await facts.AppendAsync(
            [.. accepted.Select(c => facts.New(c.Id, c.Version, new DeliveryAccepted(
                c.Id, poolId, c.ProviderId, c.DeliveredQuantity, checked(c.DeliveredQuantity * c.UnitPriceCents), c.DeliveredOn, tacit, c.AcceptedAt, c.Version)))], ct);
        await fulfilment.SettleAsync(poolId, ct);
    }

    private sealed record Accepted(Guid Id, Guid ProviderId, int DeliveredQuantity, long UnitPriceCents, DateOnly DeliveredOn, DateTime AcceptedAt, int Version);
}
