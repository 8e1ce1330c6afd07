using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Subsidies.Grants;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>Matches a movement that the bank booked for a whole payment run. The caller holds the money lock.</summary>
public sealed class MatchRun(NpgsqlConnection db, FactLog facts, MoveTransfers transfers, Guid statementId, DateTime now)
{
    private const int BatchSize = 5_000;

    /// <summary>Matches it, and does what follows for each transfer.</summary>
    /// <returns>1 when it was exact, else 0.</returns>
    public async Task<int> RunAsync(NewMovement movement, CancellationToken ct)
    {
        var run = await LoadTransfers.RunAsync(db, movement.PaymentInformationId!);
        var match = Matching.Decide(movement.AmountCents, run);
        var matched = new Matched(movement, match, run);
        await MatchMovements.SaveAsync(db, statementId, [matched]);
        if (match.Outcome != Outcomes.Exact)
        {
            await RaiseExceptions.RunAsync(db, facts, [matched.ToException(now)], now, ct);
        }

        foreach (var ids in (await ChangedAsync(match.Effect, run!.Id, movement.Id)).Chunk(BatchSize))
        {
            await (match.Effect == Effect.Pay ? transfers.PayAsync(ids, statementId, null, ct) : transfers.ReopenAsync(ids, GrantStatus.Rejected, "rejected", statementId, null, ct));
            if (match.Effect == Effect.Pay)
            {
                await RaiseExceptions.CloseAsync(db, facts, ids, now, ct);
            }
        }

        return match.Outcome == Outcomes.Exact ? 1 : 0;
    }

    /// <summary>The transfers whose aid moves. What had come back before it was seen to leave is seen now, and stays due.</summary>
    private async Task<Guid[]> ChangedAsync(Effect effect, Guid runId, Guid movementId) => effect switch
    {
        Effect.Pay => (await db.QueryAsync<Guid>(
            """
            update payment_transfer set batch_cents = returned_cents - debited_cents, debited_cents = returned_cents, exact_movement_id = @movementId
            where run_id = @runId and status = 'rejected' and returned_cents > debited_cents;
            update payment_transfer set batch_cents = amount_cents - debited_cents, debited_cents = amount_cents, status = 'paid', settled_at = @now, exact_movement_id = @movementId
            where run_id = @runId and status = 'ordered' and debited_cents < amount_cents returning id
            """, new { runId, movementId, now })).ToArray(),
        Effect.Reopen => (await db.QueryAsync<Guid>(
            """
            update payment_transfer t set status = 'rejected', settled_at = @now,
              returned_cents = case when t.debited_cents = 0 then t.amount_cents else t.debited_cents end
            where run_id = @runId and status in ('ordered', 'paid')
              and (debited_cents > returned_cents or not exists (select from payment_transfer u where u.run_id = @runId and u.debited_cents > 0)) returning id
            """, new { runId, now })).ToArray(),
        _ => [],
    };
}
