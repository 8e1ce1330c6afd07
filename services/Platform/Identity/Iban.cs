namespace Marketplace.Platform.Identity;

/// <summary>Bank account numbers (ISO 13616): country, two check digits, account; the whole modulo 97 is 1.</summary>
public static class Iban
{
    private const int FrenchLength = 27;

    /// <summary>The number as it is stored: no spaces, capital letters.</summary>
    public static string Normalised(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c))).ToUpperInvariant();

    /// <summary>True for a normalised number of 15 to 34 characters (French ones: 27) with right check digits.</summary>
    public static bool IsValid(string iban) =>
        iban.Length is >= 15 and <= 34
        && iban.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c))
        && char.IsAsciiLetterUpper(iban[0]) && char.IsAsciiLetterUpper(iban[1])
        && char.IsAsciiDigit(iban[2]) && char.IsAsciiDigit(iban[3])
        && (!iban.StartsWith("FR", StringComparison.Ordinal) || iban.Length == FrenchLength)
        && Remainder(iban.AsSpan(0, 4), Remainder(iban.AsSpan(4), 0)) == 1;

    /// <summary>The last four characters, for histories.</summary>
    public static string Ending(string iban) => iban[^4..];

    private static int Remainder(ReadOnlySpan<char> text, int rest)
    {
        foreach (var c in text)
        {
            rest = char.IsAsciiDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
        }

        return rest;
    }
}
