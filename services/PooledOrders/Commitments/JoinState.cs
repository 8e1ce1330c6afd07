using Dapper;
using Marketplace.Platform.Requests;
using Marketplace.PooledOrders.Pools;
using Npgsql;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>What the decisions need, read after the pools are locked.</summary>
internal sealed record JoinState(
    Dictionary<Guid, PoolRow> Pools,
    HashSet<(Guid PoolId, string Siren)> Live,
    Dictionary<(Guid UserId, string Key), FirstAnswer> FirstAnswers)
{
    /// <summary>Units left in each pool, after the joins decided so far.</summary>
    public Dictionary<Guid, int> Available { get; } = Pools.Values.ToDictionary(p => p.Id, p => p.Available);

    public static async Task<JoinState> LoadAsync(NpgsqlConnection db, IReadOnlyList<(JoinRequest Request, string? Trace)> joins)
    {
        // One round trip; the pools come first, so that the rest is read under their locks.
        using var read = await db.QueryMultipleAsync(
            PoolRow.Select + "where p.id = any(@poolIds) order by p.id for update of p;" +
            """
            select c.pool_id, c.siren from unnest(@pools, @sirens) as j (pool_id, siren)
            join commitment c on c.pool_id = j.pool_id and c.siren = j.siren and c.status not in ('withdrawn', 'released', 'defaulted', 'cancelled');
            select i.user_id, i.key, i.request_hash, i.status, i.body, i.location, i.version
            from unnest(@users, @keys) as j (user_id, key) join idempotency i on i.user_id = j.user_id and i.key = j.key
            """,
            new
            {
                poolIds = joins.Select(j => j.Request.PoolId).Distinct().Order().ToArray(),
                pools = joins.Select(j => j.Request.PoolId).ToArray(),
                sirens = joins.Select(j => j.Request.Siren).ToArray(),
                users = joins.Select(j => j.Request.UserId).ToArray(),
                keys = joins.Select(j => j.Request.IdempotencyKey).ToArray(),
            });
        var pools = await read.ReadAsync<PoolRow>();
        var live = await read.ReadAsync<(Guid, string)>();
        var first = await read.ReadAsync<FirstAnswerRow>();
        return new JoinState(
            pools.ToDictionary(p => p.Id),
            live.ToHashSet(),
            first.DistinctBy(f => (f.UserId, f.Key)).ToDictionary(f => (f.UserId, f.Key), f => new FirstAnswer(f.RequestHash, f.Status, f.Body, f.Location, f.Version)));
    }

    private sealed record FirstAnswerRow(Guid UserId, string Key, byte[] RequestHash, int Status, byte[] Body, string? Location, long? Version);
}
