using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Reports;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// A transfer that was ordered and of which the bank said nothing for five business days is missing (DOMAIN §6). Raised
/// once per transfer; while a movement of its whole run is still to be explained, that comes first.
/// </summary>
public sealed class RaiseMissing(Session session, FactLog facts, TimeProvider clock) : IDueWork
{
    private const int BatchSize = 5_000;

    /// <inheritdoc />
    public async Task RunAsync(CancellationToken ct)
    {
        while (await RaiseBatchAsync(ct))
        {
        }
    }

    private async Task<bool> RaiseBatchAsync(CancellationToken ct)
    {
        var last = BusinessDays.LastMissing(ParisDays.Today(clock));
        var db = await session.OpenAsync(ct);
        if ((await DueAsync(db, last, 1)).Count == 0)
        {
            return false;
        }

        // An import under way may hold their movements.
        await session.BeginAsync(ct);
        await MoneyLock.TakeAsync(db);
        var due = await DueAsync(db, last, BatchSize);
        var now = clock.GetUtcNow().UtcDateTime;
        await RaiseExceptions.RunAsync(
            db, facts,
            [
                .. due.Select(t => new NewException(
                    Guid.CreateVersion7(now), Outcomes.Missing, null, t.Id, t.RunId, t.ProgrammeId, 0, t.AmountCents,
                    $"Ordered for {t.ExecutionDate:yyyy-MM-dd}; the bank booked nothing in {BusinessDays.ToWaitFor} business days.")),
            ], now, ct);
        await session.CommitAsync(ct);
        return due.Count == BatchSize;
    }

    /// <summary>The few runs first: asked every second, it must not go through the transfers of a run that is not due.</summary>
    private static async Task<List<Silent>> DueAsync(NpgsqlConnection db, DateOnly last, int limit) => (await db.QueryAsync<Silent>(
        """
        with due as materialized (
          select r.id, r.programme_id, r.execution_date from payment_run r where r.status = 'approved' and r.execution_date <= @last
            and not exists (select from reconciliation_exception e where e.run_id = r.id and e.transfer_id is null and e.status = 'open'))
        select t.id, t.run_id, r.programme_id, r.execution_date, t.amount_cents from due r join payment_transfer t on t.run_id = r.id
        where t.status = 'ordered' and t.debited_cents = 0 and t.returned_cents = 0
          and not exists (select from reconciliation_exception e where e.transfer_id = t.id and e.kind = 'missing')
        limit @limit
        """, new { last, limit })).AsList();

    private sealed record Silent(Guid Id, Guid RunId, Guid ProgrammeId, DateOnly ExecutionDate, long AmountCents);
}
