using System.Diagnostics;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Platform.Facts;

/// <summary>A fact about to be appended.</summary>
/// <param name="StreamId">The entity it is about.</param>
/// <param name="Version">The entity's version after the change, from 1.</param>
/// <param name="Data">The record; its type gives the name (<see cref="FactName"/>).</param>
/// <param name="At">When it happened (UTC).</param>
/// <param name="Actor">The user who did it; null for the system.</param>
/// <param name="ActorRole">In which role.</param>
/// <param name="Trace">W3C traceparent of the request that caused it.</param>
public sealed record NewFact(Guid StreamId, int Version, object Data, DateTime At, Guid? Actor = null, string? ActorRole = null, string? Trace = null);

/// <summary>A fact as the history shows it.</summary>
public sealed record RecordedFact(Guid Id, int Version, string Type, DateTime At, Guid? Actor, string? ActorRole, JsonElement Data);

/// <summary>
/// Appends facts in the transaction of the change they record. Public facts enter the outbox in the same statement, so
/// neither can exist without the other.
/// </summary>
public sealed class FactLog(Session session, Caller caller, TimeProvider clock)
{
    /// <summary>Appends one fact of the current caller, now.</summary>
    public Task AppendAsync(Guid streamId, int version, object fact, CancellationToken ct) =>
        AppendAsync([New(streamId, version, fact)], ct);

    /// <summary>Appends several facts in one round trip.</summary>
    public async Task AppendAsync(IReadOnlyList<NewFact> facts, CancellationToken ct) => await AppendAsync(await session.OpenAsync(ct), facts, ct);

    /// <summary>A fact of the current caller, now, for <see cref="AppendAsync(IReadOnlyList{NewFact}, CancellationToken)"/>.</summary>
    public NewFact New(Guid streamId, int version, object fact) =>
        new(streamId, version, fact, clock.GetUtcNow().UtcDateTime, caller.UserId, caller.Role, Activity.Current?.Id);

    /// <summary>Everything that happened to an entity, oldest first.</summary>
    public async Task<IReadOnlyList<RecordedFact>> HistoryAsync(Guid streamId, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var rows = await db.QueryAsync<(Guid Id, int Version, string Type, DateTime At, Guid? Actor, string? ActorRole, string Data)>(
            "select id, version, type, at, actor, actor_role, data::text from fact where stream_id = @streamId order by sequence", new { streamId });
        return rows.Select(r => new RecordedFact(r.Id, r.Version, r.Type, r.At, r.Actor, r.ActorRole, JsonSerializer.Deserialize<JsonElement>(r.Data, Json.Options))).ToList();
    }

    /// <summary>Appends on a given connection, for writers that fold many requests into one transaction.</summary>
    public static async Task AppendAsync(NpgsqlConnection db, IReadOnlyList<NewFact> facts, CancellationToken ct)
    {
        if (facts.Count == 0)
        {
            return;
        }

        await using var command = new NpgsqlCommand(
            """
            with new as (
              select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) as f (id, stream_id, version, type, at, actor, actor_role, trace, data, is_public)
            ), appended as (
              insert into fact (id, stream_id, version, type, at, actor, actor_role, trace, data)
              select id, stream_id, version, type, at, actor, actor_role, trace, data from new
            )
            insert into outbox (fact_id) select id from new where is_public
            """, db);
        var p = command.Parameters;
        p.Add(new() { Value = facts.Select(f => Guid.CreateVersion7(f.At)).ToArray() });
        p.Add(new() { Value = facts.Select(f => f.StreamId).ToArray() });
        p.Add(new() { Value = facts.Select(f => f.Version).ToArray() });
        p.Add(new() { Value = facts.Select(f => FactName.Of(f.Data.GetType())).ToArray() });
        p.Add(new() { Value = facts.Select(f => f.At).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        p.Add(new() { Value = facts.Select(f => f.Actor).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        p.Add(new() { Value = facts.Select(f => f.ActorRole).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        p.Add(new() { Value = facts.Select(f => f.Trace).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        p.Add(new() { Value = facts.Select(f => JsonSerializer.Serialize(f.Data, f.Data.GetType(), Json.Options)).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb });
        p.Add(new() { Value = facts.Select(f => FactName.IsPublic(f.Data.GetType())).ToArray() });
        await command.ExecuteNonQueryAsync(ct);
    }
}
