using System.Diagnostics;
using System.Threading.Channels;
using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform.Messages;

/// <summary>Wakes the relay after a commit that put facts into the outbox.</summary>
public sealed class OutboxSignal
{
    private readonly Channel<bool> channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There may be something to publish.</summary>
    public void Wake() => channel.Writer.TryWrite(true);

    /// <summary>Returns when woken, or after <paramref name="atMost"/>.</summary>
    public async Task WaitAsync(TimeSpan atMost, CancellationToken ct)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(atMost);
        try
        {
            await channel.Reader.ReadAsync(patience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
        }
    }
}

/// <summary>
/// Publishes the outbox through the sidecar and deletes what was accepted. A crash between the two publishes again,
/// with the same ids: delivery is at least once. Several instances share the work (<c>SKIP LOCKED</c>).
/// </summary>
public sealed partial class OutboxRelay(NpgsqlDataSource source, DaprClient dapr, OutboxSignal signal, ILogger<OutboxRelay> log) : BackgroundService
{
    private const int BatchSize = 500;
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(2);
    private static readonly ActivitySource Activities = new("Marketplace.Outbox");

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (await PublishBatchAsync(stoppingToken) < BatchSize)
                {
                    await signal.WaitAsync(Poll, stoppingToken);
                }

                pause = TimeSpan.FromMilliseconds(100);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                if (pause > TimeSpan.FromSeconds(2))
                {
                    Failing(log, e.Message);
                }

                await Task.Delay(pause, stoppingToken);
                pause = TimeSpan.FromMilliseconds(Math.Min(5000, pause.TotalMilliseconds * 2));
            }
        }
    }

    private async Task<int> PublishBatchAsync(CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var batch = (await db.QueryAsync<Row>(
            """
            select f.id, f.type, f.data::text as json, f.trace
            from outbox o join fact f on f.id = o.fact_id
            order by o.fact_id limit @BatchSize
            for update of o skip locked
            """, new { BatchSize })).AsList();
        if (batch.Count == 0)
        {
            return 0;
        }

        var accepted = new List<Guid>(batch.Count);
        foreach (var topic in batch.GroupBy(r => r.Type))
        {
            accepted.AddRange(await dapr.BulkPublishEventAsync(topic.Key, topic.Select(ToEvent).ToList(), ct));
        }

        await db.ExecuteAsync("delete from outbox where fact_id = any(@accepted)", new { accepted });
        await transaction.CommitAsync(ct);
        if (accepted.Count < batch.Count)
        {
            throw new HttpRequestException($"The broker refused {batch.Count - accepted.Count} of {batch.Count} events.");
        }

        return batch.Count;
    }

    private static PublishedEvent ToEvent(Row row)
    {
        ActivityContext.TryParse(row.Trace, null, out var parent);
        using var activity = Activities.StartActivity($"publish {row.Type}", ActivityKind.Producer, parent);
        return new PublishedEvent(row.Id, row.Type, row.Json, activity?.Id ?? row.Trace);
    }

    private sealed record Row(Guid Id, string Type, string Json, string? Trace);

    [LoggerMessage(LogLevel.Warning, "The outbox cannot be published for now: {Reason}")]
    private static partial void Failing(ILogger log, string reason);
}
