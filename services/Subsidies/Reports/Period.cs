using System.Globalization;
using Marketplace.Platform.Time;

namespace Marketplace.Subsidies.Reports;

/// <summary>A span of days in Europe/Paris, half-open; an absent bound is open.</summary>
/// <param name="From">The first day.</param>
/// <param name="To">The day after the last.</param>
public sealed record Period(DateOnly? From, DateOnly? To)
{
    /// <summary>The first year that reports and closings know.</summary>
    public const int FirstYear = 2000;

    /// <summary>The last.</summary>
    public const int LastYear = 2199;

    /// <summary>The first instant (UTC) in it.</summary>
    public DateTime? StartsAt => From is { } day ? ParisDays.StartOf(day) : null;

    /// <summary>The first instant (UTC) after it.</summary>
    public DateTime? EndsAt => To is { } day ? ParisDays.StartOf(day) : null;

    /// <summary>A civil year.</summary>
    public static Period OfYear(int year) => new(new DateOnly(year, 1, 1), new DateOnly(year + 1, 1, 1));

    /// <summary>A year as it is written in an address; null when it is none from 2000 to 2199.</summary>
    public static int? ParseYear(string? text) =>
        text is { Length: 4 } && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var year) && year is >= FirstYear and <= LastYear ? year : null;

    /// <summary>A day as it is written in an address; null when it is none of those years.</summary>
    public static DateOnly? ParseDay(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= FirstYear and <= LastYear ? day : null;
}
