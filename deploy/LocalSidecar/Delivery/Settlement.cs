using System.Threading.Channels;
using Marketplace.LocalSidecar.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.LocalSidecar.Delivery;

internal enum SettledAs { Done, Later, Dead }

/// <summary>The end of a claim: the row goes, rests, or becomes a dead letter.</summary>
internal readonly record struct Settled(SettledAs As, long Id, string ConsumerId = "", int Attempts = 0, int Redeliveries = 0, TimeSpan Pause = default, string DeadLetterTopic = "");

/// <summary>Writes the ends of claims to the database, many in one transaction.</summary>
internal sealed class Settlement(NpgsqlDataSource database, ILogger log)
{
    private const int LargestBatch = 1_000;
    private readonly Channel<Settled> _waiting = Channel.CreateUnbounded<Settled>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Raised when rows of the consumer (null: of anyone) will be due after the pause.</summary>
    public event Action<string?, TimeSpan>? RowsDue;

    public void Add(Settled settled) => _waiting.Writer.TryWrite(settled);

    /// <summary>No more will come; <see cref="RunAsync"/> ends when all is written.</summary>
    public void Complete() => _waiting.Writer.TryComplete();

    public async Task RunAsync(CancellationToken giveUp)
    {
        var batch = new List<Settled>(LargestBatch);
        while (await _waiting.Reader.WaitToReadAsync(CancellationToken.None))
        {
            while (batch.Count < LargestBatch && _waiting.Reader.TryRead(out var settled))
                batch.Add(settled);
            while (!await TryWriteAsync(batch))
            {
                // What cannot be written is delivered once more when its lease has run out.
                if (giveUp.IsCancellationRequested)
                    return;
                await Task.Delay(200, CancellationToken.None);
            }
            foreach (var (consumerId, pause) in batch.Where(one => one.As == SettledAs.Later).Select(one => (one.ConsumerId, RoundUp(one.Pause))).Distinct())
                RowsDue?.Invoke(consumerId, pause);
            if (batch.Exists(one => one.As == SettledAs.Dead))
                RowsDue?.Invoke(null, TimeSpan.Zero);
            batch.Clear();
        }
    }

    private async Task<bool> TryWriteAsync(List<Settled> batch)
    {
        try
        {
            await using var connection = await database.OpenConnectionAsync();
            await using var commands = new NpgsqlBatch(connection);
            Add(commands, batch.Where(one => one.As == SettledAs.Done).ToList(), Delete);
            Add(commands, batch.Where(one => one.As == SettledAs.Later).ToList(), Postpone);
            Add(commands, batch.Where(one => one.As == SettledAs.Dead).ToList(), Bury);
            await commands.ExecuteNonQueryAsync();
            return true;
        }
        catch (NpgsqlException problem)
        {
            log.LogWarning("Deliveries could not be settled, trying again: {Problem}", problem.Message);
            return false;
        }
    }

    private static void Add(NpgsqlBatch commands, List<Settled> settled, Func<List<Settled>, NpgsqlBatchCommand> command)
    {
        if (settled.Count > 0)
            commands.BatchCommands.Add(command(settled));
    }

    private static NpgsqlBatchCommand Delete(List<Settled> done) => new("delete from sidecar.delivery where id = any($1)")
    {
        Parameters = { Ids(done) },
    };

    private static NpgsqlBatchCommand Postpone(List<Settled> later) => new("""
        update sidecar.delivery d set attempts = u.attempts, redeliveries = u.redeliveries, visible_at = clock_timestamp() + u.pause * interval '1 millisecond'
        from unnest($1::bigint[], $2::int[], $3::int[], $4::bigint[]) as u(id, attempts, redeliveries, pause) where d.id = u.id
        """)
    {
        Parameters =
        {
            Ids(later),
            new() { Value = later.Select(one => one.Attempts).ToArray() },
            new() { Value = later.Select(one => one.Redeliveries).ToArray() },
            new() { Value = later.Select(one => (long)one.Pause.TotalMilliseconds).ToArray() },
        },
    };

    // The letter is kept for listing, and goes to whoever subscribes to its topic: the same bytes, so "topic" inside still names the first one.
    private static NpgsqlBatchCommand Bury(List<Settled> dead) => new("""
        with gone as (
          delete from sidecar.delivery d using unnest($1::bigint[], $2::text[]) as u(id, dead_letter_topic) where d.id = u.id
          returning d.id, d.consumer_id, d.pubsub, d.topic, d.body, u.dead_letter_topic
        ), letter as (
          insert into sidecar.dead_letter (id, consumer_id, pubsub, topic, dead_letter_topic, body)
          select id, consumer_id, pubsub, topic, dead_letter_topic, body from gone
        )
        insert into sidecar.delivery (id, consumer_id, pubsub, topic, body, visible_at)
        select nextval('sidecar.delivery_id'), g.consumer_id, g.pubsub, g.topic, gone.body, now()
        from gone join sidecar.consumer_group g on g.pubsub = gone.pubsub and g.topic = gone.dead_letter_topic
        """)
    {
        Parameters = { Ids(dead), new() { Value = dead.Select(one => one.DeadLetterTopic).ToArray() } },
    };

    // Few distinct pauses make few timers.
    private static TimeSpan RoundUp(TimeSpan pause) => TimeSpan.FromMilliseconds(Math.Ceiling(pause.TotalMilliseconds / 20) * 20);

    private static NpgsqlParameter Ids(List<Settled> settled) => new() { Value = settled.Select(one => one.Id).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
}
