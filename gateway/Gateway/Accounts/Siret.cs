namespace Marketplace.Gateway.Accounts;

/// <summary>SIRET numbers (DOMAIN §0): 14 digits, the first 9 of which are the SIREN; both carry a Luhn check digit.</summary>
public static class Siret
{
    private const string LaPoste = "356000000";

    /// <summary>The number without the spaces that people write in it.</summary>
    public static string WithoutSpaces(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>
    /// True for 14 digits whose SIREN and whole pass Luhn. La Poste's establishments may pass with a digit sum that is
    /// a multiple of 5 instead.
    /// </summary>
    public static bool IsValid(string siret) =>
        siret.Length == 14
        && siret.All(char.IsAsciiDigit)
        && Luhn(siret[..9])
        && (Luhn(siret) || (siret.StartsWith(LaPoste, StringComparison.Ordinal) && siret.Sum(c => c - '0') % 5 == 0));

    private static bool Luhn(string digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
        {
            var digit = digits[^(i + 1)] - '0';
            var weighted = i % 2 == 0 ? digit : digit * 2;
            sum += weighted > 9 ? weighted - 9 : weighted;
        }

        return sum % 10 == 0;
    }
}
