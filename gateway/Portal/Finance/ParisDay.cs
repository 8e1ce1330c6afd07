using System.Globalization;
using Marketplace.Platform.Time;
using Marketplace.Portal.Components;

namespace Marketplace.Portal.Finance;

/// <summary>The days of a filter as the API asks for them. What is no day stays as it is, for the API to refuse.</summary>
public static class ParisDay
{
    /// <summary>The day after: people name the last day of a period, the API the one after it.</summary>
    public static string? After(string? day) =>
        Days.Parse(day) is { } last && last < DateOnly.MaxValue ? last.AddDays(1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : day;

    /// <summary>The instant (UTC) at which a day in France begins, where the API asks for instants.</summary>
    public static string? Start(string? day) =>
        Days.Parse(day) is { } first ? ParisDays.StartOf(first).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : day;
}
