using System.Globalization;
using System.Text;
using Npgsql;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>Lists dead letters and sends one back to the group that could not take it. Not part of Dapr: a broker's console would do this.</summary>
internal sealed class DeadLetters(NpgsqlDataSource database, Func<string, Task> wake)
{
    private const int Page = 200;

    /// <summary>GET /v1.0-local/dead-letters?after={id}: oldest first, at most 200.</summary>
    public async Task ListAsync(HttpContext context)
    {
        _ = long.TryParse(context.Request.Query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var after);
        var letters = new List<(long Id, string ConsumerId, string PubSub, string Topic, string DeadLetterTopic, DateTime DiedAt, byte[] Body)>();
        await using (var connection = await database.OpenConnectionAsync(context.RequestAborted))
        {
            await using var list = new NpgsqlCommand("""
                select id, consumer_id, pubsub, topic, dead_letter_topic, died_at, body from sidecar.dead_letter where id > $1 order by id limit $2
                """, connection)
            { Parameters = { new() { Value = after }, new() { Value = Page } } };
            await using var rows = await list.ExecuteReaderAsync(context.RequestAborted);
            while (await rows.ReadAsync(context.RequestAborted))
                letters.Add((rows.GetInt64(0), rows.GetString(1), rows.GetString(2), rows.GetString(3), rows.GetString(4), rows.GetDateTime(5), rows.GetFieldValue<byte[]>(6)));
        }

        await Answer.JsonAsync(context, 200, json =>
        {
            json.WriteStartArray("deadLetters");
            foreach (var letter in letters)
            {
                json.WriteStartObject();
                json.WriteString("id", letter.Id.ToString(CultureInfo.InvariantCulture));
                json.WriteString("appId", letter.ConsumerId);
                json.WriteString("pubsubname", letter.PubSub);
                json.WriteString("topic", letter.Topic);
                json.WriteString("deadLetterTopic", letter.DeadLetterTopic);
                json.WriteString("diedAt", letter.DiedAt);
                json.WriteString("event", Encoding.UTF8.GetString(letter.Body));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }

    /// <summary>POST /v1.0-local/dead-letters/{id}/replay: 204, or 404 when there is no such letter (any more).</summary>
    public async Task ReplayAsync(HttpContext context, string id)
    {
        string? consumerId = null;
        if (long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var letter))
        {
            await using var connection = await database.OpenConnectionAsync(context.RequestAborted);
            await using var replay = new NpgsqlCommand("""
                with letter as (delete from sidecar.dead_letter where id = $1 returning consumer_id, pubsub, topic, body)
                insert into sidecar.delivery (id, consumer_id, pubsub, topic, body, visible_at)
                select nextval('sidecar.delivery_id'), consumer_id, pubsub, topic, body, now() from letter
                returning consumer_id
                """, connection)
            { Parameters = { new() { Value = letter } } };
            consumerId = (string?)await replay.ExecuteScalarAsync(context.RequestAborted);
        }
        if (consumerId is null)
        {
            await new DaprError(404, "ERR_DEAD_LETTER_NOT_FOUND", $"there is no dead letter {id}").WriteAsync(context);
            return;
        }
        await wake(consumerId);
        await Answer.NoContent(context);
    }

    /// <summary>GET /v1.0-local/idle: how many deliveries of all apps are not settled; zero means that all is quiet.</summary>
    public async Task IdleAsync(HttpContext context)
    {
        await using var connection = await database.OpenConnectionAsync(context.RequestAborted);
        await using var count = new NpgsqlCommand("select count(*) from sidecar.delivery", connection);
        var pending = (long)(await count.ExecuteScalarAsync(context.RequestAborted))!;
        await Answer.JsonAsync(context, 200, json => json.WriteNumber("pending", pending));
    }
}
