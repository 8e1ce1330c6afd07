using System.Globalization;
using Dapper;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Notices;

/// <summary>
/// Tells everyone with an active commitment how little is missing to the next lower price, once per pool and tier. Joins
/// know nothing of it: once a second it looks at the open pools whose version has risen since it last did.
/// </summary>
public sealed class NextTierComesNear(IServiceScopeFactory scopes, Session session, TimeProvider clock, OutboxSignal outbox) : IDueWork
{
    private const int MostAtATime = 500;

    /// <summary>
    /// The rule, pure: the next tier, when somebody has committed, the pool can hold its quantity, and at most a tenth of
    /// that quantity is missing (rounded down, but one unit is always near).
    /// </summary>
    public static NextTier? Near(PriceLadder ladder, int committedQuantity, int commitmentCount, int maxQuantity) =>
        commitmentCount > 0
        && ladder.Next(committedQuantity) is { } next
        && next.MinQuantity <= maxQuantity
        && next.Missing <= Math.Max(1, next.MinQuantity / 10)
            ? next
            : null;

    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var changed = (await db.QueryAsync<PoolRow>(
            PoolRow.Select +
            """
            left join tier_watch w on w.pool_id = p.id
            where p.status = 'open' and p.closes_at > @now and p.version > coalesce(w.pool_version, 0)
            order by p.id limit @MostAtATime
            """, new { now = clock.GetUtcNow().UtcDateTime, MostAtATime })).AsList();
        foreach (var pool in changed)
        {
            if (Near(pool.Ladder, pool.CommittedQuantity, pool.CommitmentCount, pool.MaxQuantity) is { } next)
            {
                await TellAsync(pool, next, ct);
            }
        }

        // Only now: should this process die before, the pools are looked at again, and who was told is not told twice.
        if (changed.Count > 0)
        {
            await db.ExecuteAsync(
                """
                insert into tier_watch (pool_id, pool_version) select * from unnest(@ids, @versions)
                on conflict (pool_id) do update set pool_version = greatest(tier_watch.pool_version, excluded.pool_version)
                """, new { ids = changed.Select(p => p.Id).ToArray(), versions = changed.Select(p => p.Version).ToArray() });
        }
    }

    private async Task TellAsync(PoolRow pool, NextTier next, CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var transaction = scope.ServiceProvider.GetRequiredService<Session>();
        await transaction.BeginAsync(ct);
        var isNew = await scope.ServiceProvider.GetRequiredService<GiveNotice>().ToCommittedAsync(
            new Notice(NoticeKind.NextTierNear, pool.Id, pool.Title, next.MinQuantity.ToString(CultureInfo.InvariantCulture), pool.ClosesAt, next.Missing, next.UnitPriceCents), ct);
        await transaction.CommitAsync(ct);
        if (isNew)
        {
            outbox.Wake();
        }
    }
}
