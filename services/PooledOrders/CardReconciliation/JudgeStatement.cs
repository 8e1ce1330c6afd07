using Dapper;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// Judges what is new on either side: takes the groups (one per commitment, or per payment without one) in batches,
/// lets <see cref="CardMatching"/> decide, and writes outcomes and exceptions in one transaction. Judging again what has
/// not changed changes nothing. The caller holds the statement's lock.
/// </summary>
public sealed class JudgeStatement(CardExceptions exceptions, TimeProvider clock)
{
    private const int GroupsAtATime = 2_000;

    /// <summary>Judges everything that asks for it, then the payouts.</summary>
    public async Task RunAsync(NpgsqlConnection db, CancellationToken ct)
    {
        await StoreLines.FindHomesAsync(db);
        foreach (var groups in (await ToJudgeAsync(db)).Chunk(GroupsAtATime))
        {
            await using var transaction = await db.BeginTransactionAsync(ct);
            await JudgeAsync(db, groups);
            await transaction.CommitAsync(ct);
        }

        await JudgePayoutsAsync(db, ct);
    }

    /// <summary>
    /// What is new on the statement, waits for its other side, is open, or was recorded and not judged yet. Their keys are
    /// held at once: some hundred bytes each, and only the first reading of a long statement has many.
    /// </summary>
    private static async Task<IReadOnlyList<string>> ToJudgeAsync(NpgsqlConnection db) => (await db.QueryAsync<string>(
        """
        select group_key from balance_transaction where not judged
        union select group_key from card_match where kind = 'waiting'
        union select group_key from card_exception where status = 'open' and group_key !~ '^(line|payout):'
        union select y.commitment_id::text from payment y
          where y.status = 'succeeded' and not exists (select from card_match m where m.commitment_id = y.commitment_id and m.side = 'payment')
        union select commitment_id::text
          from (select commitment_id, sum(amount_cents) as cents from refund where status in ('pending', 'succeeded') and refund_reference is not null group by commitment_id) r
          full join (select commitment_id, sum(recorded_cents) as cents from card_match where side = 'refund' group by commitment_id) m using (commitment_id)
          where coalesce(r.cents, 0) <> -coalesce(m.cents, 0)
        """)).AsList();

    private async Task JudgeAsync(NpgsqlConnection db, string[] groups)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        var sides = await CardSides.LoadAsync(db, groups);
        var outcomes = sides.SelectMany(side => CardMatching.Decide(side.State, now).Select(outcome => (Side: side, Outcome: outcome))).ToList();
        await db.ExecuteAsync(
            """
            delete from card_match where group_key = any(@groups) or line_id = any(@lines);
            update balance_transaction set judged = true where id = any(@lines)
            """, new { groups, lines = sides.SelectMany(s => s.State.Lines).Select(l => l.Id).ToArray() });
        await db.ExecuteAsync(
            """
            insert into card_match (group_key, subject, kind, side, commitment_id, pool_id, line_id, recorded_cents, statement_cents, at)
            select * from unnest(@groups, @subjects, @kinds, @sides, @commitments, @pools, @lines, @recorded, @statement, @at)
            """,
            new
            {
                groups = outcomes.Select(o => o.Side.GroupKey).ToArray(),
                subjects = outcomes.Select(o => o.Outcome.Subject).ToArray(),
                kinds = outcomes.Select(o => o.Outcome.Kind).ToArray(),
                sides = outcomes.Select(o => o.Outcome.Side).ToArray(),
                commitments = outcomes.Select(o => o.Side.CommitmentId).ToArray(),
                pools = outcomes.Select(o => o.Side.PoolId).ToArray(),
                lines = outcomes.Select(o => o.Outcome.Line?.Id).ToArray(),
                recorded = outcomes.Select(o => o.Outcome.RecordedCents).ToArray(),
                statement = outcomes.Select(o => o.Outcome.StatementCents).ToArray(),
                at = outcomes.Select(o => o.Outcome.At).ToArray(),
            });
        var found = outcomes.Where(o => CardOutcomes.IsException(o.Outcome.Kind)).Select(o => new NewException(
            o.Outcome.Kind, o.Outcome.Subject, o.Side.GroupKey, o.Side.CommitmentId, o.Side.PoolId, o.Outcome.RecordedCents, o.Outcome.StatementCents, o.Outcome.At)).ToList();
        await exceptions.RaiseAsync(db, found);
        await exceptions.CloseOthersAsync(db, groups, found);
    }

    private async Task JudgePayoutsAsync(NpgsqlConnection db, CancellationToken ct)
    {
        await using var transaction = await db.BeginTransactionAsync(ct);
        var payouts = (await db.QueryAsync<PayoutState>(
            """
            select p.id, p.amount_cents, p.currency, p.status, p.automatic,
                   case when p.itemised_at is not null then (select coalesce(sum(b.net_cents), 0)::bigint from balance_transaction b where b.payout_id = p.id and b.kind <> 'payout') end as lines_net_cents,
                   p.created
            from payout p
            where p.created >= @since or exists (select from card_exception x where x.status = 'open' and x.group_key = 'payout:' || p.id)
            """, new { since = clock.GetUtcNow().UtcDateTime.AddDays(-60) })).AsList();
        var found = payouts.Select(p => (Payout: p, Kind: PayoutMatching.Decide(p))).Where(p => p.Kind is not null).Select(p => new NewException(
            p.Kind!, p.Payout.Id, $"payout:{p.Payout.Id}", null, null, p.Payout.LinesNetCents ?? 0, p.Payout.AmountCents, p.Payout.Created)).ToList();
        await exceptions.RaiseAsync(db, found);
        await exceptions.CloseOthersAsync(db, [.. payouts.Select(p => $"payout:{p.Id}")], found);
        await transaction.CommitAsync(ct);
    }
}
