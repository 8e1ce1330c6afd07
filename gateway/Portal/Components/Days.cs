using System.Globalization;

namespace Marketplace.Portal.Components;

/// <summary>Days as date fields hold them.</summary>
public static class Days
{
    /// <summary>The day that a date field holds; null when it is none.</summary>
    public static DateOnly? Parse(string? text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;
}
