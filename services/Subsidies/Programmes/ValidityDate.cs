using System.Globalization;

namespace Marketplace.Subsidies.Programmes;

/// <summary>A bound of a validity as clients write it: an instant with its offset, or a date, which is its first instant in UTC.</summary>
public static class ValidityDate
{
    private static readonly string[] Instants =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    /// <summary>The instant in UTC; null when the text is neither, has no offset, or lies outside 1900–2200.</summary>
    public static DateTime? Parse(string? text)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            return InRange(date.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc));
        }

        return DateTime.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant) && instant.Kind != DateTimeKind.Unspecified
            ? InRange(instant.ToUniversalTime())
            : null;
    }

    private static DateTime? InRange(DateTime instant) => instant.Year is >= 1900 and <= 2200 ? instant : null;
}
