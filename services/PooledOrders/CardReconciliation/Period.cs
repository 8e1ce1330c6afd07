using System.Globalization;
using Dapper;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>Whole days in Europe/Paris, <c>[from, to)</c>, either end open; and the pool asked for.</summary>
public sealed record Period(Guid? PoolId, DateOnly? From, DateOnly? To)
{
    /// <summary>Says in SQL that the instant <paramref name="at"/> lies in the period and <paramref name="pool"/> is the pool asked for.</summary>
    public static string Holds(string at, string pool) =>
        $"""
        (@PoolId::uuid is null or {pool} = @PoolId)
        and (@From::date is null or {at} >= @From::date::timestamp at time zone 'Europe/Paris')
        and (@To::date is null or {at} < @To::date::timestamp at time zone 'Europe/Paris')
        """;

    /// <summary>Reads <c>from</c> and <c>to</c> (<c>YYYY-MM-DD</c>).</summary>
    /// <exception cref="Microsoft.AspNetCore.Http.BadHttpRequestException">A date is none, or the period is empty (400).</exception>
    public static Period Parse(Guid? poolId, string? from, string? to)
    {
        var period = new Period(poolId, Day("from", from), Day("to", to));
        return period.From >= period.To ? throw PageQuery.Refused("to", "The period [from, to) is empty.") : period;
    }

    /// <summary>True when no pool was asked for, or it exists.</summary>
    public async Task<bool> IsKnownAsync(NpgsqlConnection db) =>
        PoolId is null || await db.ExecuteScalarAsync<bool>("select exists (select from pool where id = @PoolId)", new { PoolId });

    private static DateOnly? Day(string parameter, string? text) =>
        string.IsNullOrEmpty(text) ? null
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1900 and <= 2200 ? day
        : throw PageQuery.Refused(parameter, "A date such as 2026-11-22 is expected, from 1900 to 2200.");
}
