using Dapper;
using Marketplace.Platform.Time;
using Npgsql;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// Numbers of the acts by which aid is granted (DOMAIN §6): <c>ACT-2026-000001</c>, by year in Europe/Paris, without
/// gaps; the caller holds <see cref="MoneyLock"/>.
/// </summary>
public static class ActNumbers
{
    /// <summary>The next number for each instant (UTC) of a grant, in order; none where there is none.</summary>
    public static async Task<string?[]> NextAsync(NpgsqlConnection db, IReadOnlyList<DateTime?> grantedAt)
    {
        var numbers = new string?[grantedAt.Count];
        foreach (var year in grantedAt.Select((at, i) => (at, i)).Where(g => g.at is not null).GroupBy(g => ParisDays.Of(g.at!.Value).Year))
        {
            var last = await db.ExecuteScalarAsync<int>(
                "insert into act_counter (year, last) values (@Key, @count) on conflict (year) do update set last = act_counter.last + excluded.last returning last",
                new { year.Key, count = year.Count() });
            var next = last - year.Count();
            foreach (var (_, i) in year)
            {
                numbers[i] = $"ACT-{year.Key}-{++next:000000}";
            }
        }

        return numbers;
    }
}
