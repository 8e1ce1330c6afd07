using System.Diagnostics;
using Dapper;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.PooledOrders.Pools;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.PooledOrders.Closing;

/// <summary>
/// Closes pools by state, <c>open</c> and past their deadline, in the order of their deadlines, each in a transaction of
/// its own. One instance at a time closes (advisory lock), so that the order holds across instances.
/// </summary>
public sealed class CloseDuePools(IServiceScopeFactory scopes, TimeProvider clock, OutboxSignal outbox) : IDueWork
{
    private static readonly ActivitySource Activities = new("Marketplace.Closing");

    public async Task RunAsync(CancellationToken ct)
    {
        while (await CloseNextAsync(ct))
        {
            outbox.Wake();
        }
    }

    private async Task<bool> CloseNextAsync(CancellationToken ct)
    {
        await using var scope = scopes.CreateAsyncScope();
        var session = scope.ServiceProvider.GetRequiredService<Session>();
        var db = await session.OpenAsync(ct);
        var due = new { now = clock.GetUtcNow().UtcDateTime };
        const string Due = "p.status = 'open' and p.closes_at <= @now";
        if (!await db.ExecuteScalarAsync<bool>($"select exists (select from pool p where {Due})", due))
        {
            return false;
        }

        // Nobody's request is behind it: the trace that goes on to the grants begins here.
        using var activity = Activities.StartActivity("close due pool");
        await session.BeginAsync(ct);
        await ClosePool.TakeTurnAsync(db);
        var pool = await db.QueryFirstOrDefaultAsync<PoolRow>(PoolRow.Select + $"where {Due} order by p.closes_at, p.id limit 1 for update of p", due);
        if (pool is null)
        {
            return false;
        }

        await scope.ServiceProvider.GetRequiredService<ClosePool>().CloseAsync(pool, ct);
        await session.CommitAsync(ct);
        return true;
    }
}
