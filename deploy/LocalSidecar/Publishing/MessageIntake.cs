using System.Collections.Frozen;
using System.Threading.Channels;
using Marketplace.LocalSidecar.Delivery;
using Marketplace.LocalSidecar.Storage;
using Npgsql;

namespace Marketplace.LocalSidecar.Publishing;

/// <summary>Bytes for a topic.</summary>
internal readonly record struct OutgoingMessage(string PubSub, string Topic, byte[] Body);

/// <summary>
/// Stores published messages, one row per group. All publishes that wait at the same time share one transaction; each is answered
/// after its commit.
/// </summary>
internal sealed class MessageIntake(NpgsqlDataSource database, ConsumerGroups groups, IReadOnlyList<DeliveryQueue> queues, int copies)
{
    private const int LargestBatch = 1_000;
    private const int IdBlock = 1_000;

    private readonly Channel<Waiting> _waiting = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private readonly FrozenDictionary<string, DeliveryQueue[]> _queues = queues.GroupBy(queue => queue.App.AppId).ToFrozenDictionary(replicas => replicas.Key, replicas => replicas.ToArray());
    private long _nextId;
    private long _endOfIds;

    private sealed record Waiting(IReadOnlyList<OutgoingMessage> Messages, TaskCompletionSource Stored);

    private readonly record struct Row(long Id, string ConsumerId, OutgoingMessage Message, DeliveryQueue? Queue);

    /// <summary>Ends when all messages are durable; faults with what the database said, and then none is.</summary>
    public async Task StoreAsync(IReadOnlyList<OutgoingMessage> messages)
    {
        var waiting = new Waiting(messages, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!_waiting.Writer.TryWrite(waiting))
            throw new InvalidOperationException("the sidecar is shutting down");
        await waiting.Stored.Task;
    }

    public void Complete() => _waiting.Writer.TryComplete();

    public async Task RunAsync()
    {
        var batch = new List<Waiting>();
        while (await _waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            for (var size = 0; size < LargestBatch && _waiting.Reader.TryRead(out var waiting); size += waiting.Messages.Count)
                batch.Add(waiting);
            if (batch.Count > 1 && await TryStoreAsync(batch) is not null)
            {
                // One bad publish must not fail its neighbours.
                foreach (var waiting in batch)
                    Answer(waiting, await TryStoreAsync([waiting]));
                continue;
            }
            var problem = batch.Count == 1 ? await TryStoreAsync(batch) : null;
            batch.ForEach(waiting => Answer(waiting, problem));
        }
    }

    private static void Answer(Waiting waiting, Exception? problem)
    {
        if (problem is null)
            waiting.Stored.SetResult();
        else
            waiting.Stored.SetException(problem);
    }

    private async Task<Exception?> TryStoreAsync(List<Waiting> batch)
    {
        var rows = new List<Row>();
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            foreach (var message in batch.SelectMany(waiting => waiting.Messages))
                foreach (var consumerId in groups.Of(message.PubSub, message.Topic))
                    for (var copy = 0; copy < copies; copy++)
                        rows.Add(new Row(await NextIdAsync(connection), consumerId, message, ReserveQueue(consumerId)));
            if (rows.Count > 0)
                await InsertAsync(connection, rows);
        }
        catch (Exception problem)
        {
            // Whatever it was belongs to the publishers; this loop has to go on.
            foreach (var row in rows)
                row.Queue?.Leave();
            return problem;
        }

        var leasedFrom = Environment.TickCount64;
        foreach (var row in rows)
            row.Queue?.Enqueue(new Delivery.Delivery(row.Id, row.Message.PubSub, row.Message.Topic, row.Message.Body, 0, 0, leasedFrom + (long)row.Queue.Lease.TotalMilliseconds));
        foreach (var consumerId in rows.Where(row => row.Queue is null).Select(row => row.ConsumerId).Distinct())
            foreach (var queue in _queues.GetValueOrDefault(consumerId, []))
                queue.FallBehind();
        return null;
    }

    private static async Task InsertAsync(NpgsqlConnection connection, List<Row> rows)
    {
        await using var insert = new NpgsqlCommand("""
            insert into sidecar.delivery (id, consumer_id, pubsub, topic, body, visible_at)
            select id, consumer_id, pubsub, topic, body, now() + lease * interval '1 millisecond'
            from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::bigint[]) as u(id, consumer_id, pubsub, topic, body, lease)
            """, connection)
        {
            Parameters =
            {
                new() { Value = rows.Select(row => row.Id).ToArray() },
                new() { Value = rows.Select(row => row.ConsumerId).ToArray() },
                new() { Value = rows.Select(row => row.Message.PubSub).ToArray() },
                new() { Value = rows.Select(row => row.Message.Topic).ToArray() },
                new() { Value = rows.Select(row => row.Message.Body).ToArray() },
                new() { Value = rows.Select(row => (long)(row.Queue?.Lease.TotalMilliseconds ?? 0)).ToArray() },
            },
        };
        await insert.ExecuteNonQueryAsync();
    }

    // Replicas of an app share by chance.
    private DeliveryQueue? ReserveQueue(string consumerId)
    {
        if (!_queues.TryGetValue(consumerId, out var replicas))
            return null;
        var first = replicas.Length == 1 ? 0 : Random.Shared.Next(replicas.Length);
        for (var i = 0; i < replicas.Length; i++)
            if (replicas[(first + i) % replicas.Length] is var queue && queue.TryReserve())
                return queue;
        return null;
    }

    private async ValueTask<long> NextIdAsync(NpgsqlConnection connection)
    {
        if (_nextId == _endOfIds)
        {
            await using var next = new NpgsqlCommand("select nextval('sidecar.delivery_id')", connection);
            _nextId = (long)(await next.ExecuteScalarAsync())!;
            _endOfIds = _nextId + IdBlock;
        }
        return _nextId++;
    }
}
