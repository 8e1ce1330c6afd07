using System.Collections.Frozen;
using Npgsql;

namespace Marketplace.LocalSidecar.Storage;

/// <summary>
/// Which app-ids get a copy of a topic's messages. Groups are kept for ever, like durable queues, whether or not their app runs.
/// RabbitMQ would lose what is published to a topic before its first group exists; here everything starts at once, so publishing
/// waits until each configured app has been asked for its subscriptions once, in this run or in an earlier one.
/// </summary>
internal sealed class ConsumerGroups(NpgsqlDataSource database, IReadOnlyCollection<string> appIds)
{
    private readonly TaskCompletionSource _allKnown = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _registering = new(1);
    private readonly HashSet<string> _known = [];
    private volatile FrozenDictionary<(string PubSub, string Topic), string[]> _groups = FrozenDictionary<(string, string), string[]>.Empty;

    /// <summary>Completes when publishing may begin.</summary>
    public Task AllKnown => _allKnown.Task;

    public IEnumerable<string> Unknown => appIds.Except(_known);

    public string[] Of(string pubsub, string topic) => _groups.GetValueOrDefault((pubsub, topic)) ?? [];

    public async Task LoadAsync(CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand("select app_id from sidecar.known_app"),
                new NpgsqlBatchCommand("select pubsub, topic, consumer_id from sidecar.consumer_group"),
            },
        };
        await using var rows = await batch.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
            _known.Add(rows.GetString(0));
        await rows.NextResultAsync(ct);
        var groups = new List<(string PubSub, string Topic, string ConsumerId)>();
        while (await rows.ReadAsync(ct))
            groups.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        _groups = groups.GroupBy(group => (group.PubSub, group.Topic), group => group.ConsumerId).ToFrozenDictionary(group => group.Key, group => group.ToArray());
        OpenWhenComplete();
    }

    /// <summary>Creates groups of an app that has not been asked yet.</summary>
    public Task DeclareAsync(string appId, IReadOnlyCollection<(string PubSub, string Topic)> topics, CancellationToken ct) => AddAsync(appId, topics, isKnown: false, ct);

    /// <summary>Creates the groups of an app and remembers that it has been asked.</summary>
    public Task RegisterAsync(string appId, IReadOnlyCollection<(string PubSub, string Topic)> topics, CancellationToken ct) => AddAsync(appId, topics, isKnown: true, ct);

    private async Task AddAsync(string appId, IReadOnlyCollection<(string PubSub, string Topic)> topics, bool isKnown, CancellationToken ct)
    {
        await _registering.WaitAsync(ct);
        try
        {
            if ((!isKnown || _known.Contains(appId)) && topics.All(topic => Of(topic.PubSub, topic.Topic).Contains(appId)))
                return;
            await using var connection = await database.OpenConnectionAsync(ct);
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands =
                {
                    new NpgsqlBatchCommand("insert into sidecar.consumer_group (pubsub, topic, consumer_id) select p, t, $3 from unnest($1::text[], $2::text[]) as u(p, t) on conflict do nothing")
                    {
                        Parameters = { new() { Value = topics.Select(topic => topic.PubSub).ToArray() }, new() { Value = topics.Select(topic => topic.Topic).ToArray() }, new() { Value = appId } },
                    },
                    new NpgsqlBatchCommand("insert into sidecar.known_app (app_id) select $1 where $2 on conflict do nothing") { Parameters = { new() { Value = appId }, new() { Value = isKnown } } },
                },
            };
            await batch.ExecuteNonQueryAsync(ct);

            var groups = _groups.ToDictionary();
            foreach (var topic in topics)
                groups[topic] = [.. groups.GetValueOrDefault(topic, []).Union([appId])];
            _groups = groups.ToFrozenDictionary();
            if (isKnown)
                _known.Add(appId);
            OpenWhenComplete();
        }
        finally
        {
            _registering.Release();
        }
    }

    private void OpenWhenComplete()
    {
        if (appIds.All(_known.Contains))
            _allKnown.TrySetResult();
    }
}
