using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>
/// Moves an awarded pool on, <c>confirmed → fulfilling → settled</c> (DOMAIN §2), in the current transaction. The caller
/// holds the pool's lock, so that of two last acceptances one sees the other.
/// </summary>
public sealed class Fulfilment(Session session, FactLog facts)
{
    /// <summary>The first delivery was declared.</summary>
    public async Task BeginAsync(PoolRow pool, CancellationToken ct)
    {
        if (pool.Status != PoolStatus.Confirmed)
        {
            return;
        }

        var db = await session.OpenAsync(ct);
        var version = await db.ExecuteScalarAsync<int>("update pool set status = 'fulfilling', version = version + 1 where id = @Id returning version", new { pool.Id });
        await facts.AppendAsync(pool.Id, version, new PoolFulfilling(pool.Id), ct);
    }

    /// <summary>Settles the pool if it is being fulfilled and no commitment of it is open any longer.</summary>
    public async Task SettleAsync(Guid poolId, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var version = await db.ExecuteScalarAsync<int?>(
            """
            update pool p set status = 'settled', version = version + 1
            where id = @poolId and status = 'fulfilling' and not exists (
              select from commitment c where c.pool_id = p.id and c.status in ('confirmed', 'payment-due', 'payment-failed', 'paid', 'delivered'))
            returning version
            """, new { poolId });
        if (version is { } settled)
        {
            await facts.AppendAsync(poolId, settled, new PoolSettled(poolId), ct);
        }
    }
}
