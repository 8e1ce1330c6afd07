using System.Globalization;

namespace Marketplace.Portal.Components;

/// <summary>Euros as people type them.</summary>
public static class Amount
{
    /// <summary>Cents of a text such as <c>1 234,5</c> or <c>200.00</c>; null when it is empty or wrong.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="wrong">True when it is no amount of at most two decimals.</param>
    public static long? Parse(string? text, out bool wrong)
    {
        wrong = false;
        var plain = string.Concat((text ?? "").Where(c => !char.IsWhiteSpace(c) && c is not ('€' or '\u202f' or '\u00a0'))).Replace(',', '.');
        if (plain.Length == 0)
        {
            return null;
        }

        wrong = plain.Length > 14 || !decimal.TryParse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var euros) || decimal.Round(euros, 2) != euros;
        return wrong ? null : (long)(decimal.Parse(plain, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * 100);
    }
}
