using Dapper;
using Marketplace.Subsidies.Reports;
using Npgsql;

namespace Marketplace.Subsidies.Periods;

/// <summary>
/// What is dated in a year and not settled yet. It does not keep the year from being closed, but for prepared payment
/// runs: those could still be approved, and would then pay on a day of the closed year. What is ordered and still to be
/// seen on a statement, and exceptions that wait for a person, are settled by entries of a later year.
/// </summary>
/// <param name="PreparedRuns">Numbers of the runs that wait for approval with an execution date in the year; they block.</param>
/// <param name="UnpaidTransfers">Transfers of approved runs of the year that no statement has shown.</param>
/// <param name="UnpaidCents">Their sum, in cents.</param>
/// <param name="OpenExceptions">Exceptions without a resolution about a movement or a transfer of the year.</param>
public sealed record OpenThings(IReadOnlyList<string> PreparedRuns, int UnpaidTransfers, long UnpaidCents, int OpenExceptions)
{
    /// <summary>Reads them.</summary>
    public static async Task<OpenThings> ReadAsync(NpgsqlConnection db, int year)
    {
        var period = Period.OfYear(year);
        var runs = await db.QueryAsync<string>(
            "select number from payment_run where status = 'prepared' and execution_date >= @From and execution_date < @To order by number", period);
        var (count, cents) = await db.QuerySingleAsync<(int, long)>(
            """
            select count(*)::int, coalesce(sum(t.amount_cents), 0)::bigint from payment_transfer t join payment_run r on r.id = t.run_id
            where t.status = 'ordered' and r.execution_date >= @From and r.execution_date < @To
            """, period);
        var exceptions = await db.ExecuteScalarAsync<int>(
            """
            select count(*)::int from reconciliation_exception e
            left join bank_movement m on m.id = e.movement_id left join payment_transfer t on t.id = e.transfer_id left join payment_run r on r.id = t.run_id
            where e.status = 'open' and coalesce(m.booking_date, r.execution_date) >= @From and coalesce(m.booking_date, r.execution_date) < @To
            """, period);
        return new OpenThings(runs.AsList(), count, cents, exceptions);
    }
}
