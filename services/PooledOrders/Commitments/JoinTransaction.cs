using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.PooledOrders.Pools;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>Joins of one transaction: lock the pools, decide in memory in order, write arrays.</summary>
public static class JoinTransaction
{
    /// <summary>Decides and writes; the caller commits.</summary>
    /// <returns>The answers, in the order of the joins.</returns>
    public static async Task<Answer[]> RunAsync(NpgsqlConnection db, IReadOnlyList<(JoinRequest Request, string? Trace)> joins, DateTime now)
    {
        var state = await JoinState.LoadAsync(db, joins);
        var answers = new Answer[joins.Count];
        var accepted = new List<AcceptedJoin>(joins.Count);
        var fresh = new List<int>(joins.Count);
        for (var i = 0; i < joins.Count; i++)
        {
            var (request, trace) = joins[i];
            var key = (request.UserId, request.IdempotencyKey);
            if (state.FirstAnswers.TryGetValue(key, out var first))
            {
                answers[i] = first.Replay(request.RequestHash);
                continue;
            }

            answers[i] = Decide(state, request, trace, now, accepted);
            state.FirstAnswers[key] = new FirstAnswer(request.RequestHash, answers[i].Status, answers[i].ToUtf8Json(), answers[i].Location, answers[i].Version);
            fresh.Add(i);
        }

        await WriteAsync(db, joins, answers, fresh, accepted, now);
        return answers;
    }

    private static Answer Decide(JoinState state, JoinRequest request, string? trace, DateTime now, List<AcceptedJoin> accepted)
    {
        if (!state.Pools.TryGetValue(request.PoolId, out var pool))
        {
            return Problem.NotFound("pool");
        }

        var isLive = state.Live.Contains((request.PoolId, request.Siren));
        if (Joining.Refusal(pool, state.Available[pool.Id], isLive, request.Departement, request.Demand, now) is { } refusal)
        {
            return refusal;
        }

        state.Live.Add((request.PoolId, request.Siren));
        state.Available[pool.Id] -= request.Demand.Units;
        var join = new AcceptedJoin(Guid.CreateVersion7(now), request, pool, trace);
        accepted.Add(join);
        return Answer.Created($"/api/commitments/{join.Id}", join.View(now), 1);
    }

    private static async Task WriteAsync(NpgsqlConnection db, IReadOnlyList<(JoinRequest Request, string? Trace)> joins, Answer[] answers, List<int> fresh, List<AcceptedJoin> accepted, DateTime now)
    {
        await using var batch = new NpgsqlBatch(db);
        if (accepted.Count > 0)
        {
            batch.BatchCommands.Add(InsertCommitments(accepted, now));
            batch.BatchCommands.Add(UpdatePools(accepted));
            var withMethod = accepted.Where(a => a.Request.PaymentMethod is not null).ToList();
            if (withMethod.Count > 0)
            {
                batch.BatchCommands.Add(Command(
                    "insert into payment (commitment_id, payment_method, status) select *, 'to-set-up' from unnest($1, $2)",
                    withMethod.Select(a => a.Id).ToArray(), withMethod.Select(a => a.Request.PaymentMethod!).ToArray()));
            }
        }

        if (fresh.Count > 0)
        {
            batch.BatchCommands.Add(KeepAnswers(joins, answers, fresh, now));
        }

        if (batch.BatchCommands.Count > 0)
        {
            await batch.ExecuteNonQueryAsync();
        }

        await FactLog.AppendAsync(db, accepted.Select(a => new NewFact(a.Id, 1, a.Fact(now), now, a.Request.UserId, a.Request.Role, a.Trace)).ToList(), CancellationToken.None);
    }

    private static NpgsqlBatchCommand InsertCommitments(List<AcceptedJoin> accepted, DateTime now)
    {
        var command = Command(
            """
            insert into commitment (id, pool_id, organisation_id, organisation_name, siren, departement, status, quantity, tolerance, joined_at, placed_version, version, headcount, turnover_cents, price_limit_cents, siret)
            select id, pool_id, organisation_id, organisation_name, siren, departement, 'pending', quantity, tolerance, $1, 1, 1, headcount, turnover_cents, price_limit_cents, siret
            from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
              as j (id, pool_id, organisation_id, organisation_name, siren, departement, quantity, tolerance, siret, headcount, turnover_cents, price_limit_cents)
            """,
            now,
            accepted.Select(a => a.Id).ToArray(),
            accepted.Select(a => a.Pool.Id).ToArray(),
            accepted.Select(a => a.Request.OrganisationId).ToArray(),
            accepted.Select(a => a.Request.OrganisationName).ToArray(),
            accepted.Select(a => a.Request.Siren).ToArray(),
            accepted.Select(a => a.Request.Departement).ToArray(),
            accepted.Select(a => a.Request.Demand.Quantity).ToArray(),
            accepted.Select(a => a.Request.Demand.Tolerance).ToArray(),
            accepted.Select(a => a.Request.Siret).ToArray());
        command.Parameters.Add(new NpgsqlParameter { Value = accepted.Select(a => a.Request.Headcount).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = accepted.Select(a => a.Request.TurnoverCents).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        command.Parameters.Add(new NpgsqlParameter { Value = accepted.Select(a => a.Request.Demand.PriceLimitCents).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        return command;
    }

    private static NpgsqlBatchCommand UpdatePools(List<AcceptedJoin> accepted)
    {
        var sums = accepted.GroupBy(a => a.Pool.Id).ToList();
        return Command(
            """
            update pool set committed_quantity = committed_quantity + j.quantity, tolerance_quantity = tolerance_quantity + j.tolerance,
              commitment_count = commitment_count + j.count, version = version + 1
            from unnest($1, $2, $3, $4) as j (id, quantity, tolerance, count) where pool.id = j.id
            """,
            sums.Select(g => g.Key).ToArray(),
            sums.Select(g => g.Sum(a => a.Request.Demand.Quantity)).ToArray(),
            sums.Select(g => g.Sum(a => a.Request.Demand.Tolerance)).ToArray(),
            sums.Select(g => g.Count()).ToArray());
    }

    private static NpgsqlBatchCommand KeepAnswers(IReadOnlyList<(JoinRequest Request, string? Trace)> joins, Answer[] answers, List<int> fresh, DateTime now)
    {
        var command = Command(
            """
            insert into idempotency (user_id, key, request_hash, at, status, body, location, version)
            select user_id, key, request_hash, $1, status, body, location, version
            from unnest($2, $3, $4, $5, $6, $7, $8) as j (user_id, key, request_hash, status, body, location, version)
            """,
            now,
            fresh.Select(i => joins[i].Request.UserId).ToArray(),
            fresh.Select(i => joins[i].Request.IdempotencyKey).ToArray(),
            fresh.Select(i => joins[i].Request.RequestHash).ToArray(),
            fresh.Select(i => answers[i].Status).ToArray(),
            fresh.Select(i => answers[i].ToUtf8Json()).ToArray());
        command.Parameters.Add(new NpgsqlParameter { Value = fresh.Select(i => answers[i].Location).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text });
        command.Parameters.Add(new NpgsqlParameter { Value = fresh.Select(i => answers[i].Version).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint });
        return command;
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
