using System.Globalization;
using System.Numerics;

namespace Marketplace.Local.Campaigns;

/// <summary>French account numbers for providers whose campaign file gives none: the RIB key and the IBAN's check digits are right.</summary>
public static class ExampleIban
{
    private const long Bank = 30001;
    private const long Branch = 794;

    /// <summary>Always the same one for a SIRET (digits; the last eleven become the account).</summary>
    public static string Of(string siret)
    {
        var digits = string.Concat(siret.Where(char.IsAsciiDigit)).PadLeft(11, '0');
        var account = long.Parse(digits[^11..], CultureInfo.InvariantCulture);

        // https://fr.wikipedia.org/wiki/Clé_RIB and ISO 13616: F is 15, R is 27, and two zeros stand for the check digits.
        var key = 97 - (89 * Bank + 15 * Branch + 3 * account) % 97;
        var number = string.Create(CultureInfo.InvariantCulture, $"{Bank:00000}{Branch:00000}{account:00000000000}{key:00}");
        var check = 98 - (int)(BigInteger.Parse(number + "152700", CultureInfo.InvariantCulture) % 97);
        return string.Create(CultureInfo.InvariantCulture, $"FR{check:00}{number}");
    }
}
