using System.Text.Json.Nodes;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>One call's view of the database: objects read (and locked), and all its changes, written together before the commit.</summary>
public sealed class Session(NpgsqlConnection connection, DateTimeOffset now, string requestId, string? idempotencyKey, string address)
{
    private const int RetryDays = 3;
    private readonly Dictionary<string, JsonObject> _known = [];
    private readonly Dictionary<string, JsonObject> _changed = [];
    private readonly List<string> _events = [];
    private readonly List<(long At, string Action, string Object)> _later = [];

    /// <summary>The open connection, inside its transaction.</summary>
    public NpgsqlConnection Connection => connection;

    /// <summary>Unix seconds.</summary>
    public long Now { get; } = now.ToUnixTimeSeconds();

    /// <summary>Address at which the simulator was called, without a slash at its end.</summary>
    public string Address => address;

    /// <summary>Whether anything was written that a background worker waits for.</summary>
    public bool HasNews { get; private set; }

    /// <summary>Reads an object by id and kind; locks it until the end of the call when it is going to be changed.</summary>
    public async Task<JsonObject?> Load(string kind, string? id, bool toChange = true)
    {
        if (string.IsNullOrEmpty(id) || id.Contains('\0', StringComparison.Ordinal))
            return null;
        if (_known.TryGetValue(id, out var known))
            return known.Text("object") == kind ? known : null;
        var found = await Query($"select body from objects where id = $1 and kind = $2 {(toChange ? "for update" : "")}", id, kind);
        if (found.Count == 0)
            return null;
        if (toChange)
            _known[id] = found[0];
        return found[0];
    }

    /// <summary>Reads the objects of a kind whose field has a value, oldest first; sees this call's own changes.</summary>
    public async Task<List<JsonObject>> Find(string kind, string field, string value)
    {
        await Flush();
        return await Query($"select body from objects where kind = $1 and body->>'{field}' = $2 order by seq", kind, value);
    }

    /// <summary>Runs a query for bodies.</summary>
    public async Task<List<JsonObject>> Query(string sql, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var found = new List<JsonObject>();
        while (await reader.ReadAsync())
            found.Add((JsonObject)JsonNode.Parse(reader.GetString(0))!);
        return found;
    }

    /// <summary>Creates or changes an object.</summary>
    public JsonObject Put(JsonObject node)
    {
        _known[node.Id()] = node;
        return _changed[node.Id()] = node;
    }

    /// <summary>Records an event with the object as it is now; it is sent to every endpoint that wants it.</summary>
    public void Emit(string type, JsonObject node)
    {
        var id = Json.NewId("evt");
        _events.Add(id);
        Put(new JsonObject
        {
            ["id"] = id,
            ["object"] = "event",
            ["api_version"] = Api.Version,
            ["created"] = Now,
            ["data"] = new JsonObject { ["object"] = node.Shown(Now) },
            ["livemode"] = false,
            ["pending_webhooks"] = 1,
            ["request"] = new JsonObject { ["id"] = requestId, ["idempotency_key"] = idempotencyKey },
            ["type"] = type,
        });
    }

    /// <summary>Plans something for later; see <see cref="Time.RunDueWork"/>.</summary>
    public void Later(long at, string action, string objectId) => _later.Add((at, action, objectId));

    /// <summary>Forgets all changes that are not written yet: a refusal changes nothing.</summary>
    public void Discard()
    {
        _changed.Clear();
        _events.Clear();
        _later.Clear();
    }

    /// <summary>Writes all changes so far.</summary>
    public async Task Flush()
    {
        await using var batch = new NpgsqlBatch(connection);
        if (_changed.Count > 0)
        {
            var nodes = _changed.Values.ToArray();
            Add(batch, """
                insert into objects (id, kind, created, body) select * from unnest($1, $2, $3, $4)
                on conflict (id) do update set body = excluded.body
                """,
                nodes.Select(node => node.Id()).ToArray(),
                nodes.Select(node => node.Text("object")!).ToArray(),
                nodes.Select(node => node["created"] is null ? Now : node.Number("created")).ToArray(),
                new NpgsqlParameter { Value = nodes.Select(Json.Write).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb });
        }

        if (_events.Count > 0)
        {
            Add(batch, """
                insert into deliveries (event, endpoint, next_at, give_up_at)
                select e.id, w.id, $2, $3 from objects e
                join objects w on w.kind = 'webhook_endpoint' and w.body->>'status' = 'enabled'
                  and w.body->'enabled_events' ?| array['*', e.body->>'type']
                where e.id = any($1) order by e.seq
                """,
                _events.ToArray(), now.ToUnixTimeMilliseconds(), now.AddDays(RetryDays).ToUnixTimeMilliseconds());
        }

        if (_later.Count > 0)
        {
            Add(batch, "insert into due_work (at, action, object) select * from unnest($1, $2, $3)",
                _later.Select(work => work.At).ToArray(), _later.Select(work => work.Action).ToArray(), _later.Select(work => work.Object).ToArray());
        }

        if (batch.BatchCommands.Count == 0)
            return;
        HasNews |= _events.Count > 0 || _later.Count > 0;
        await batch.ExecuteNonQueryAsync();
        Discard();
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value as NpgsqlParameter ?? new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }
}
