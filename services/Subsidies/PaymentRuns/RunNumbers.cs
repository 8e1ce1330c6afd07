using Dapper;
using Marketplace.Platform.Time;
using Npgsql;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>
/// Numbers of payment runs: <c>PR-2026-000001</c>, by year in Europe/Paris, without gaps; and what the bank returns with
/// every movement.
/// </summary>
public static class RunNumbers
{
    /// <summary>The next number; the caller holds <see cref="Grants.MoneyLock"/>.</summary>
    public static async Task<string> NextAsync(NpgsqlConnection db, DateTime preparedAt)
    {
        var year = ParisDays.Of(preparedAt).Year;
        var last = await db.ExecuteScalarAsync<int>(
            "insert into payment_run_counter as c (year, last) values (@year, 1) on conflict (year) do update set last = c.last + 1 returning last", new { year });
        return $"PR-{year}-{last:000000}";
    }

    /// <summary>
    /// The end-to-end id of a run's transfer: unique for ever, at most 35 characters, capitals, digits and hyphens only.
    /// </summary>
    /// <param name="number">The run's number.</param>
    /// <param name="position">The transfer's place in the run, from 1.</param>
    public static string EndToEndId(string number, int position) => $"{number}-{position:000000}";
}
