using Dapper;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.PooledOrders.Notices;

/// <summary>
/// Tells everyone with an active commitment that the pool closes soon: 72 hours before it does; in a pool that is open for
/// less than 72 hours in all, when half of its time has passed. Once per pool and closing date: a deadline that moved,
/// by an extension or after a freeze, is told again. It goes by state, so an outage delays it; a pool past its deadline
/// is closed, not told.
/// </summary>
public sealed class PoolsCloseSoon(IServiceScopeFactory scopes, TimeProvider clock, OutboxSignal outbox) : IDueWork
{
    /// <summary>How long before the closing.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromHours(72);

    public async Task RunAsync(CancellationToken ct)
    {
        while (await TellNextAsync(ct))
        {
            outbox.Wake();
        }
    }

    private async Task<bool> TellNextAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var session = scope.ServiceProvider.GetRequiredService<Session>();
        var db = await session.OpenAsync(ct);
        var due = await db.QueryFirstOrDefaultAsync<Due>(
            """
            select p.id, p.title, p.closes_at, date.occasion
            from pool p, lateral (select to_char(p.closes_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')) as date (occasion)
            where p.status = 'open' and p.closes_at > @now and p.closes_at <= @now + @Lead
              and (p.closes_at - p.opens_at >= @Lead or p.opens_at + (p.closes_at - p.opens_at) / 2 <= @now)
              and not exists (select from notice n where n.pool_id = p.id and n.kind = 'pool-closes-soon' and n.occasion = date.occasion)
            order by p.closes_at, p.id limit 1
            """, new { now = clock.GetUtcNow().UtcDateTime, Lead });
        if (due is null)
        {
            return false;
        }

        await session.BeginAsync(ct);
        await scope.ServiceProvider.GetRequiredService<GiveNotice>().ToCommittedAsync(new Notice(NoticeKind.PoolClosesSoon, due.Id, due.Title, due.Occasion, due.ClosesAt), ct);
        await session.CommitAsync(ct);
        return true;
    }

    private sealed record Due(Guid Id, string Title, DateTime ClosesAt, string Occasion);
}
