namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>
/// Structured creditor references (ISO 11649): <c>RF</c>, two check digits, at most 21 capitals and digits; the whole,
/// with its first four characters last and letters as 10 to 35, is 1 modulo 97.
/// </summary>
public static class CreditorReference
{
    /// <summary>The reference of a transfer: its end-to-end id without hyphens, with check digits.</summary>
    /// <exception cref="ArgumentException">What is left has no or more than 21 characters, or others than A–Z and 0–9.</exception>
    public static string Of(string endToEndId)
    {
        var text = endToEndId.Replace("-", "", StringComparison.Ordinal);
        if (text.Length is < 1 or > 21 || !text.All(c => char.IsAsciiDigit(c) || char.IsAsciiLetterUpper(c)))
        {
            throw new ArgumentException("A creditor reference is made of 1 to 21 capitals and digits.", nameof(endToEndId));
        }

        return $"RF{98 - Remainder(text + "RF00"):00}{text}";
    }

    private static int Remainder(string text)
    {
        var rest = 0;
        foreach (var c in text)
        {
            rest = char.IsAsciiDigit(c) ? (rest * 10 + (c - '0')) % 97 : (rest * 100 + (c - 'A' + 10)) % 97;
        }

        return rest;
    }
}
