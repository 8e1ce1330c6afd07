namespace Marketplace.Subsidies.Beneficiaries;

/// <summary>
/// SIRET numbers (DOMAIN §0): 14 digits with a Luhn check, the first nine a SIREN; one of La Poste (356000000) is also
/// valid when its digits add up to a multiple of 5. Spaces are accepted on input, never stored.
/// </summary>
public static class Siret
{
    /// <summary>The number without spaces; null when it is none.</summary>
    public static string? Parse(string? text)
    {
        if (text is null || text.Length > 30)
        {
            return null;
        }

        var digits = text.Replace(" ", "", StringComparison.Ordinal);
        return digits.Length == 14 && digits.All(char.IsAsciiDigit) && Siren.Luhn(digits[..9]) && (Siren.Luhn(digits) || IsOfLaPoste(digits)) ? digits : null;
    }

    private static bool IsOfLaPoste(string digits) => digits.StartsWith("356000000", StringComparison.Ordinal) && digits.Sum(d => d - '0') % 5 == 0;
}
