using Dapper;
using Marketplace.Platform.Facts;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>For the history: a difference was found.</summary>
public sealed record CardExceptionRaised(Guid ExceptionId, string Kind, string Subject, Guid? CommitmentId, Guid? PoolId, long RecordedCents, long StatementCents);

/// <summary>For the history: the difference is no more, both sides say the same now.</summary>
public sealed record CardExceptionClosed(Guid ExceptionId);

/// <summary>A difference as matching found it.</summary>
public sealed record NewException(
    string Kind, string Subject, string GroupKey, Guid? CommitmentId, Guid? PoolId, long RecordedCents, long StatementCents, DateTime At);

/// <summary>
/// Raises and closes exceptions in the current transaction. One per subject and kind, whatever is fetched again; what a
/// person resolved stays resolved, and what vanishes because both sides agree is closed by itself.
/// </summary>
public sealed class CardExceptions(TimeProvider clock)
{
    /// <summary>Raises what is new, or open again.</summary>
    public async Task RaiseAsync(NpgsqlConnection db, IReadOnlyCollection<NewException> found)
    {
        if (found.Count == 0)
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var raised = await db.QueryAsync<Raised>(
            """
            insert into card_exception as x (id, kind, subject, group_key, commitment_id, pool_id, recorded_cents, statement_cents, at, raised_at)
            select n.*, @now from unnest(@ids, @kinds, @subjects, @groups, @commitments, @pools, @recorded, @statement, @at) as n
            on conflict (subject, kind) do update set
              status = 'open', ended_at = null, group_key = excluded.group_key, commitment_id = excluded.commitment_id, pool_id = excluded.pool_id,
              recorded_cents = excluded.recorded_cents, statement_cents = excluded.statement_cents, at = excluded.at, version = x.version + 1
            where x.status = 'closed' or x.status = 'open'
              and (x.group_key, x.recorded_cents, x.statement_cents) is distinct from (excluded.group_key, excluded.recorded_cents, excluded.statement_cents)
            returning id, version, kind, subject, commitment_id, pool_id, recorded_cents, statement_cents
            """,
            new
            {
                now,
                ids = found.Select(_ => Guid.CreateVersion7(clock.GetUtcNow())).ToArray(),
                kinds = found.Select(f => f.Kind).ToArray(),
                subjects = found.Select(f => f.Subject).ToArray(),
                groups = found.Select(f => f.GroupKey).ToArray(),
                commitments = found.Select(f => f.CommitmentId).ToArray(),
                pools = found.Select(f => f.PoolId).ToArray(),
                recorded = found.Select(f => f.RecordedCents).ToArray(),
                statement = found.Select(f => f.StatementCents).ToArray(),
                at = found.Select(f => f.At).ToArray(),
            });
        await FactLog.AppendAsync(db, [.. raised.Select(r => new NewFact(
            r.Id, r.Version, new CardExceptionRaised(r.Id, r.Kind, r.Subject, r.CommitmentId, r.PoolId, r.RecordedCents, r.StatementCents), now))], CancellationToken.None);
    }

    /// <summary>Closes the open ones of <paramref name="groups"/> that are not among <paramref name="found"/>.</summary>
    public async Task CloseOthersAsync(NpgsqlConnection db, IReadOnlyCollection<string> groups, IReadOnlyCollection<NewException> found)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var closed = await db.QueryAsync<(Guid Id, int Version)>(
            """
            update card_exception x set status = 'closed', ended_at = @now, version = version + 1
            where x.status = 'open' and x.group_key = any(@groups)
              and not exists (select from unnest(@subjects, @kinds) as f (subject, kind) where f.subject = x.subject and f.kind = x.kind)
            returning id, version
            """,
            new { now, groups = groups.ToArray(), subjects = found.Select(f => f.Subject).ToArray(), kinds = found.Select(f => f.Kind).ToArray() });
        await FactLog.AppendAsync(db, [.. closed.Select(c => new NewFact(c.Id, c.Version, new CardExceptionClosed(c.Id), now))], CancellationToken.None);
    }

    private sealed record Raised(Guid Id, int Version, string Kind, string Subject, Guid? CommitmentId, Guid? PoolId, long RecordedCents, long StatementCents);
}
