using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Subsidies.Grants;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// Matches the new movements of a statement in their order, and does what follows: batch by batch in memory, then
/// set-based, so that memory stays bounded. The caller holds the money lock.
/// </summary>
public sealed class MatchMovements(NpgsqlConnection db, FactLog facts, MoveAid move, Guid statementId, DateTime now)
{
    private const int BatchSize = 5_000;
    private readonly MoveTransfers transfers = new(db, move);

    /// <summary>Matches all of them.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="ct">Cancellation.</param>
    /// <returns>How many were exact.</returns>
    public async Task<int> RunAsync(int count, CancellationToken ct)
    {
        var exact = 0;
        for (var after = 0; after < count; after += BatchSize)
        {
            var batch = (await db.QueryAsync<NewMovement>(
                "select id, amount_cents, end_to_end_id, iban, is_return, payment_information_id from fresh_movement where rank > @after and rank <= @after + @BatchSize order by rank",
                new { after, BatchSize })).AsList();
            var runs = (await db.QueryAsync<string>(
                "select number from payment_run where status = 'approved' and number = any(@numbers)",
                new { numbers = batch.Select(m => m.PaymentInformationId).OfType<string>().Distinct().ToArray() })).ToHashSet();

            // A movement of a whole run is decided on what the ones before it left in the database.
            var singles = new List<NewMovement>();
            foreach (var movement in batch)
            {
                if (movement.PaymentInformationId is null || !runs.Contains(movement.PaymentInformationId))
                {
                    singles.Add(movement);
                    continue;
                }

                exact += await SinglesAsync(singles, ct) + await new MatchRun(db, facts, transfers, statementId, now).RunAsync(movement, ct);
                singles = [];
            }

            exact += await SinglesAsync(singles, ct);
        }

        return exact;
    }

    private async Task<int> SinglesAsync(List<NewMovement> movements, CancellationToken ct)
    {
        if (movements.Count == 0)
        {
            return 0;
        }

        var known = await LoadTransfers.ForAsync(db, movements);
        var before = known.All.ToDictionary(t => t.Id);
        var matched = movements.ConvertAll(m => new Matched(m, m.PaymentInformationId is null ? known.Take(m.AmountCents, m.IsReturn, m.EndToEndId, m.Iban) : Matching.Decide(m.AmountCents, null)));
        await SaveAsync(db, statementId, matched);
        await RaiseExceptions.RunAsync(db, facts, [.. matched.Where(m => m.Match.Outcome != Outcomes.Exact).Select(m => m.ToException(now))], now, ct);
        await TransfersAsync(known.All.Where(t => t != before[t.Id]).ToList(), matched);

        // Paid before sent back: a transfer may go both ways in one batch, never the other way round.
        var paid = Of(matched, Effect.Pay);
        await transfers.PayAsync(paid, statementId, null, ct);
        await transfers.ReopenAsync(Of(matched, Effect.Reopen), GrantStatus.Rejected, "rejected", statementId, null, ct);
        await RaiseExceptions.CloseAsync(db, facts, paid, now, ct);
        return matched.Count(m => m.Match.Outcome == Outcomes.Exact);
    }

    private Task TransfersAsync(List<Transfer> changed, List<Matched> matched)
    {
        var exact = matched.Where(m => m.Match.Effect == Effect.Pay).ToDictionary(m => m.Match.Transfer!.Id, m => m.Movement.Id);
        return db.ExecuteAsync(
            """
            update payment_transfer t set debited_cents = n.debited, returned_cents = n.returned, status = n.status,
              settled_at = case when n.status = t.status then t.settled_at else @now end, exact_movement_id = coalesce(n.exact, t.exact_movement_id)
            from unnest(@ids, @debited, @returned, @statuses, @exact) as n (id, debited, returned, status, exact) where t.id = n.id
            """,
            new
            {
                now,
                ids = changed.Select(t => t.Id).ToArray(),
                debited = changed.Select(t => t.DebitedCents).ToArray(),
                returned = changed.Select(t => t.ReturnedCents).ToArray(),
                statuses = changed.Select(t => t.Status).ToArray(),
                exact = changed.Select(t => exact.TryGetValue(t.Id, out var movement) ? movement : (Guid?)null).ToArray(),
            });
    }

    /// <summary>Stores movements of this statement with what they came to.</summary>
    public static Task SaveAsync(NpgsqlConnection db, Guid statementId, IReadOnlyList<Matched> matched) => db.ExecuteAsync(
        """
        insert into bank_movement (id, statement_id, position, line, account, digest, occurrence, booking_date, amount_cents, end_to_end_id, iban, reference, bank_reference,
          is_return, return_reason, payment_information_id, outcome, transfer_id, run_id)
        select f.id, s.id, f.position, f.line, coalesce(s.account, ''), f.digest, f.occurrence, f.booking_date, f.amount_cents, f.end_to_end_id, f.iban, f.reference, f.bank_reference,
          f.is_return, f.return_reason, f.payment_information_id, m.outcome, m.transfer_id, m.run_id
        from unnest(@ids, @outcomes, @transfers, @runs) as m (id, outcome, transfer_id, run_id) join fresh_movement f on f.id = m.id join bank_statement s on s.id = @statementId
        """,
        new
        {
            statementId,
            ids = matched.Select(m => m.Movement.Id).ToArray(),
            outcomes = matched.Select(m => m.Match.Outcome).ToArray(),
            transfers = matched.Select(m => m.Match.Transfer?.Id).ToArray(),
            runs = matched.Select(m => m.RunId).ToArray(),
        });

    private static Guid[] Of(List<Matched> matched, Effect effect) => matched.Where(m => m.Match.Effect == effect).Select(m => m.Match.Transfer!.Id).ToArray();
}

/// <summary>A movement and what it came to; the run is that of a movement that names no transfer.</summary>
public sealed record Matched(NewMovement Movement, Match Match, BatchRun? Run = null)
{
    /// <summary>The run of a movement for all of it.</summary>
    public Guid? RunId => Run?.Id;

    /// <summary>The exception that it is.</summary>
    public NewException ToException(DateTime now) => new(
        Guid.CreateVersion7(now), Match.Outcome, Movement.Id, Match.Transfer?.Id, RunId ?? Match.Transfer?.RunId, Run?.ProgrammeId ?? Match.Transfer?.ProgrammeId, Movement.AmountCents,
        Match.ExpectedCents, Match.Detail);
}
