using System.Diagnostics;
using System.Text;
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

    private static readonly TimeSpan MostHeld = TimeSpan.FromSeconds(2);
    private long heldUntil;

    /// <summary>
    /// Requests that users wait for come in a rush and go first: the relay waits for so long, though never more than two
    /// seconds between two batches. What is in the outbox is durable; it is only told a little later.
    /// </summary>
    public void HoldFor(TimeSpan time) => Volatile.Write(ref heldUntil, Stopwatch.GetTimestamp() + (long)(time.TotalSeconds * Stopwatch.Frequency));

    /// <summary>Returns when the relay may publish.</summary>
    public async Task UntilFreeAsync(CancellationToken ct)
    {
        for (var since = Stopwatch.GetTimestamp(); Stopwatch.GetTimestamp() < Volatile.Read(ref heldUntil) && Stopwatch.GetElapsedTime(since) < MostHeld;)
        {
            await Task.Delay(20, ct);
        }
    }

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

    /// <summary>Well below the 4 MiB that a sidecar takes in one call.</summary>
    private const int MostBytes = 2 << 20;

    private const int EnvelopeBytes = 400;
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
                await signal.UntilFreeAsync(stoppingToken);
                if (await PublishBatchAsync(stoppingToken) < BatchSize)
                {
                    await signal.WaitAsync(Poll, stoppingToken);
                }

                pause = TimeSpan.FromMilliseconds(100);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
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
            with picked as materialized (
              select fact_id from outbox order by fact_id limit @BatchSize for update skip locked
            )
            select f.id, f.type, f.data::text as json, f.trace
            from picked join fact f on f.id = picked.fact_id order by f.id
            """, new { BatchSize })).AsList();
        if (batch.Count == 0)
        {
            return 0;
        }

        var accepted = new List<Guid>(batch.Count);
        HttpRequestException? failure = null;
        foreach (var topic in batch.GroupBy(r => r.Type))
        {
            try
            {
                foreach (var bulk in Bulks(topic))
                {
                    accepted.AddRange(await PublishAsync(topic.Key, bulk, ct));
                }
            }
            catch (HttpRequestException e)
            {
                // A topic that is refused holds no other back, and what was accepted is not published again for it.
                failure = e;
            }
        }

        await db.ExecuteAsync("delete from outbox where fact_id = any(@accepted)", new { accepted });
        await transaction.CommitAsync(ct);
        if (accepted.Count < batch.Count)
        {
            throw failure ?? new HttpRequestException($"The broker refused {batch.Count - accepted.Count} of {batch.Count} events.");
        }

        return batch.Count;
    }

    private static IEnumerable<IReadOnlyList<Row>> Bulks(IEnumerable<Row> rows)
    {
        var bulk = new List<Row>();
        var size = 0;
        foreach (var row in rows)
        {
            var bytes = Encoding.UTF8.GetByteCount(row.Json) + EnvelopeBytes;
            if (bulk.Count > 0 && size + bytes > MostBytes)
            {
                yield return bulk;
                bulk = [];
                size = 0;
            }

            bulk.Add(row);
            size += bytes;
        }

        yield return bulk;
    }

    /// <summary>Each fact goes on with the trace that it was caused in; the call itself only where all of them have the same.</summary>
    private async Task<IReadOnlyCollection<Guid>> PublishAsync(string topic, IReadOnlyList<Row> bulk, CancellationToken ct)
    {
        var spans = bulk.Select(row => Start(topic, row.Trace)).ToList();
        Activity.Current = spans.DistinctBy(span => span?.TraceId).Count() == 1 ? spans[0] : null;
        try
        {
            return await dapr.BulkPublishEventAsync(topic, bulk.Zip(spans, (row, span) => new PublishedEvent(row.Id, row.Type, row.Json, span?.Id ?? row.Trace)).ToList(), ct);
        }
        finally
        {
            spans.ForEach(span => span?.Dispose());
        }
    }

    private static Activity? Start(string topic, string? trace)
    {
        // Without it, a fact that has no trace would join the one of the fact before it.
        Activity.Current = null;
        ActivityContext.TryParse(trace, null, isRemote: true, out var parent);
        return Activities.StartActivity($"publish {topic}", ActivityKind.Producer, parent);
    }

    private sealed record Row(Guid Id, string Type, string Json, string? Trace);

    [LoggerMessage(LogLevel.Warning, "The outbox cannot be published for now: {Reason}")]
    private static partial void Failing(ILogger log, string reason);
}
