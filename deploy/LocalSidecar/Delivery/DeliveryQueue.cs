using System.Threading.Channels;
using Npgsql;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>
/// What one app is about to be sent. A message published while the app keeps up is leased as it is inserted and handed over in
/// memory; everything else (backlog, retries, leftovers of a crash) is claimed from the table.
/// </summary>
internal sealed class DeliveryQueue(LocalApp app, NpgsqlDataSource database, TimeSpan lease, TimeSpan longestShuffle, ILogger log)
{
    private const int Capacity = 512;
    private const int LargestClaim = 200;
    private static readonly TimeSpan SlowPoll = TimeSpan.FromMilliseconds(500);

    private readonly Channel<Delivery> _ready = Channel.CreateUnbounded<Delivery>();
    private readonly SemaphoreSlim _wake = new(0);
    private volatile bool _caughtUp;
    private int _held;

    public LocalApp App => app;

    public TimeSpan Lease => lease;

    public ChannelReader<Delivery> Ready => _ready.Reader;

    /// <summary>Takes a place for a message that is being inserted. False: leave its row unleased and call <see cref="FallBehind"/> afterwards.</summary>
    public bool TryReserve()
    {
        if (!app.IsLive || !_caughtUp)
            return false;
        if (Interlocked.Increment(ref _held) <= Capacity)
            return true;
        Interlocked.Decrement(ref _held);
        return false;
    }

    /// <summary>Hands over a leased message whose place is reserved.</summary>
    public void Enqueue(Delivery delivery)
    {
        if (longestShuffle == TimeSpan.Zero)
            _ready.Writer.TryWrite(delivery);
        else
            _ = ShuffleAsync(delivery);
    }

    /// <summary>Gives a place back when its message is settled.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _held) <= Capacity / 2 && !_caughtUp)
            Wake();
    }

    /// <summary>Rows wait in the table that nobody holds in memory.</summary>
    public void FallBehind()
    {
        _caughtUp = false;
        Wake();
    }

    public void Wake()
    {
        if (_wake.CurrentCount == 0)
            _wake.Release();
    }

    /// <summary>Claims what is due until stopped; then no more becomes ready.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(SlowPoll, stop);
                while (app.IsLive && await ClaimAsync(stop))
                {
                }
            }
            catch (OperationCanceledException)
            {
            }
            catch (NpgsqlException problem)
            {
                log.LogWarning("{App}: deliveries could not be claimed: {Problem}", app.AppId, problem.Message);
            }
        }
        _ready.Writer.TryComplete();
    }

    /// <returns>True when there may be more to claim now.</returns>
    private async Task<bool> ClaimAsync(CancellationToken stop)
    {
        var places = Math.Min(LargestClaim, Capacity - Volatile.Read(ref _held));
        var topics = app.Subscriptions.Keys;
        // Few places are not worth a query: Leave wakes this loop when half of them are free.
        if (places < LargestClaim / 2 || topics.Length == 0)
            return false;

        Interlocked.Add(ref _held, places);
        var claimed = 0;
        try
        {
            await using var connection = await database.OpenConnectionAsync(stop);
            await using var claim = new NpgsqlCommand("""
                update sidecar.delivery set visible_at = now() + $5 * interval '1 millisecond'
                where id = any (array(
                  select id from sidecar.delivery
                  where consumer_id = $1 and visible_at <= now() and (pubsub, topic) in (select * from unnest($2::text[], $3::text[]))
                  order by visible_at limit $4 for update skip locked))
                returning id, pubsub, topic, body, attempts, redeliveries
                """, connection)
            {
                Parameters =
                {
                    new() { Value = app.AppId },
                    new() { Value = topics.Select(topic => topic.PubSub).ToArray() },
                    new() { Value = topics.Select(topic => topic.Topic).ToArray() },
                    new() { Value = places },
                    new() { Value = (long)lease.TotalMilliseconds },
                },
            };
            var leasedUntil = Environment.TickCount64 + (long)lease.TotalMilliseconds;
            await using var rows = await claim.ExecuteReaderAsync(stop);
            while (await rows.ReadAsync(stop))
            {
                Enqueue(new Delivery(rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetFieldValue<byte[]>(3), rows.GetInt32(4), rows.GetInt32(5), leasedUntil));
                claimed++;
            }
        }
        finally
        {
            Interlocked.Add(ref _held, claimed - places);
        }
        _caughtUp = claimed < places;
        return !_caughtUp;
    }

    private async Task ShuffleAsync(Delivery delivery)
    {
        await Task.Delay(longestShuffle * Random.Shared.NextDouble());
        _ready.Writer.TryWrite(delivery);
    }
}
