using System.Collections.Concurrent;
using System.Threading.Channels;
using Dapper;
using Marketplace.Platform.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.PooledOrders.Pools;

/// <summary>
/// Tells listeners of this instance when a pool changes: one query every quarter of a second for all pools that are
/// watched, whatever the number of listeners, and none while nobody listens.
/// </summary>
public sealed partial class PoolFeed(NpgsqlDataSource source, ILogger<PoolFeed> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentDictionary<Guid, Listener> listeners = new();

    /// <summary>The pool after each change, at most four times a second; a slow reader gets only the newest.</summary>
    public async IAsyncEnumerable<PoolView> ListenAsync(PoolRow pool, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        var listener = new Listener(pool.Id, Channel.CreateBounded<PoolView>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest })) { Version = pool.Version };
        var key = Guid.NewGuid();
        listeners[key] = listener;
        try
        {
            yield return PoolView.Of(pool);
            await foreach (var view in listener.Channel.Reader.ReadAllAsync(ct))
            {
                yield return view;
            }
        }
        finally
        {
            listeners.TryRemove(key, out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (listeners.IsEmpty)
            {
                continue;
            }

            try
            {
                await TellAsync(stoppingToken);
            }
            catch (NpgsqlException e)
            {
                Interrupted(log, e.Message);
            }
        }
    }

    private async Task TellAsync(CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        var ids = listeners.Values.Select(l => l.PoolId).Distinct().ToArray();
        var versions = (await db.QueryAsync<(Guid Id, int Version)>("select id, version from pool where id = any(@ids)", new { ids })).ToDictionary(p => p.Id, p => p.Version);
        var behind = listeners.Values.Where(l => versions.TryGetValue(l.PoolId, out var version) && version > l.Version).ToList();
        if (behind.Count == 0)
        {
            return;
        }

        var changed = (await db.QueryAsync<PoolRow>(PoolRow.Select + "where p.id = any(@ids)", new { ids = behind.Select(l => l.PoolId).Distinct().ToArray() })).ToDictionary(p => p.Id);
        foreach (var listener in behind)
        {
            listener.Version = changed[listener.PoolId].Version;
            listener.Channel.Writer.TryWrite(PoolView.Of(changed[listener.PoolId]));
        }
    }

    private sealed record Listener(Guid PoolId, Channel<PoolView> Channel)
    {
        public int Version { get; set; }
    }

    [LoggerMessage(LogLevel.Warning, "Listeners are not told of changes for now: {Reason}")]
    private static partial void Interrupted(ILogger log, string reason);
}
