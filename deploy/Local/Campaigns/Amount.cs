using System.Globalization;

namespace Marketplace.Local.Campaigns;

/// <summary>Numbers for people to read.</summary>
internal static class Amount
{
    public static string Euros(long cents)
    {
        var sign = cents < 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(cents) / 100:#,0}.{Math.Abs(cents) % 100:00} EUR");
    }

    public static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);
}
