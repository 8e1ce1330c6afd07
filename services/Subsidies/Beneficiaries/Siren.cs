namespace Marketplace.Subsidies.Beneficiaries;

/// <summary>SIREN numbers (DOMAIN §0): 9 digits with a Luhn check. Spaces are accepted on input, never stored.</summary>
public static class Siren
{
    /// <summary>The number without spaces; null when it is none.</summary>
    public static string? Parse(string? text)
    {
        if (text is null || text.Length > 20)
        {
            return null;
        }

        var digits = text.Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 9 && digits.All(char.IsAsciiDigit) && Luhn(digits) ? digits : null;
    }

    internal static bool Luhn(string digits) =>
        digits.Reverse().Select((digit, i) => (digit - '0') * (i % 2 + 1)).Sum(d => d > 9 ? d - 9 : d) % 10 == 0;
}
