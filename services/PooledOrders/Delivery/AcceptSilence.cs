using Dapper;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>
/// A business that stays silent for seven days has accepted (DOMAIN §6). Goes by state, pool by pool and in bounded
/// batches; several instances share the work, and a pool that somebody writes to is left for the next round.
/// </summary>
public sealed class AcceptSilence(IServiceScopeFactory scopes, Session session, TimeProvider clock, OutboxSignal outbox) : IDueWork
{
    private const int Batch = 500;

    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var due = clock.GetUtcNow().UtcDateTime - Declaring.Silence;
        var pools = await db.QueryAsync<Guid>("select distinct pool_id from commitment where status = 'delivered' and declared_at <= @due", new { due });
        foreach (var pool in pools)
        {
            while (await AcceptAsync(pool, due, ct) == Batch)
            {
            }
        }
    }

    private async Task<int> AcceptAsync(Guid poolId, DateTime due, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var batch = scope.ServiceProvider.GetRequiredService<Session>();
        await batch.BeginAsync(ct);
        var db = await batch.OpenAsync(ct);
        if (await db.ExecuteScalarAsync<Guid?>("select id from pool where id = @poolId for update skip locked", new { poolId }) is null)
        {
            return 0;
        }

        var silent = (await db.QueryAsync<Guid>(
            """
            select id from commitment where pool_id = @poolId and status = 'delivered' and declared_at <= @due
            order by id limit @Batch for update skip locked
            """, new { poolId, due, Batch })).ToArray();
        if (silent.Length > 0)
        {
            await scope.ServiceProvider.GetRequiredService<Acceptance>().AcceptAsync(poolId, silent, tacit: true, ct);
            await batch.CommitAsync(ct);
            outbox.Wake();
        }

        return silent.Length;
    }
}
