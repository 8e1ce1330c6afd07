using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Marketplace.Platform.Identity;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>What the texts of a statement's fields mean; a text that means nothing is a fault of the file that names it.</summary>
internal static partial class FieldText
{
    /// <summary>10^13 cents: no municipal account moves more, and a million of them still add up exactly.</summary>
    public const long MostCents = 10_000_000_000_000;

    public const int MostIdLength = 35;
    public const int MostReferenceLength = 140;

    private static readonly DateOnly Earliest = new(1990, 1, 1);
    private static readonly DateOnly Latest = new(2199, 12, 31);

    /// <summary>Euros written with at most two decimals, ≥ 0, as cents.</summary>
    public static long Cents(int line, string field, string text)
    {
        var amount = Euros().Match(text);
        if (!amount.Success)
        {
            throw new StatementFaultException(line, $"{field} '{Short(text)}' is not an amount of at least 0 with at most two decimals.");
        }

        var cents = long.Parse(amount.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 100
            + int.Parse(amount.Groups[2].Value.PadRight(2, '0'), CultureInfo.InvariantCulture);
        return cents <= MostCents ? cents : throw new StatementFaultException(line, $"{field} '{Short(text)}' is over {MostCents / 100} euros.");
    }

    /// <summary>A day, written yyyy-MM-dd.</summary>
    public static DateOnly Date(int line, string field, string text)
    {
        if (!DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
        {
            throw new StatementFaultException(line, $"{field} '{Short(text)}' is not a date written yyyy-MM-dd.");
        }

        return date >= Earliest && date <= Latest ? date : throw new StatementFaultException(line, $"{field} '{Short(text)}' is out of range: {Earliest:yyyy-MM-dd} to {Latest:yyyy-MM-dd}.");
    }

    /// <summary>The only currency there is here (DOMAIN §0).</summary>
    public static void Euro(int line, string field, string? text)
    {
        if (text != "EUR")
        {
            throw new StatementFaultException(line, $"{field} '{Short(text ?? "")}' is not accepted: statements are in EUR only.");
        }
    }

    /// <summary>An account number, normalised; null when blank.</summary>
    public static string? AccountNumber(int line, string field, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var iban = Iban.Normalised(text);
        return Iban.IsValid(iban) ? iban : throw new StatementFaultException(line, $"{field} '{Short(text)}' is not a valid IBAN: its length, characters or check digits are wrong.");
    }

    /// <summary>An identifier of at most 35 characters; null when blank or when it says that none was given.</summary>
    public static string? Id(int line, string field, string? text)
    {
        var id = text?.Trim();
        if (string.IsNullOrEmpty(id) || id.ToUpperInvariant() is "NOTPROVIDED" or "NONREF")
        {
            return null;
        }

        return id.Length > MostIdLength ? throw new StatementFaultException(line, $"{field} '{Short(id)}' is longer than {MostIdLength} characters.")
            : id.Any(char.IsControl) ? throw new StatementFaultException(line, $"{field} '{Short(id)}' holds a control character.")
            : id;
    }

    /// <summary>Free text on one line, at most 140 characters; null when blank.</summary>
    public static string? Reference(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        var words = Gaps().Replace(text, " ").Trim();
        var length = Math.Min(words.Length, MostReferenceLength);
        var kept = words[..(length < words.Length && char.IsHighSurrogate(words[length - 1]) ? length - 1 : length)].Trim();
        return kept.Length == 0 ? null : kept;
    }

    /// <summary>A value as it may be quoted in a refusal: short and printable.</summary>
    public static string Short(string text, int most = 40)
    {
        var shown = new StringBuilder();
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, most)))
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '?' : c);
        }

        return text.Length > most ? shown.Append('…').ToString() : shown.ToString();
    }

    [GeneratedRegex(@"^([0-9]{1,15})(?:\.([0-9]{0,2}))?\z")]
    private static partial Regex Euros();

    [GeneratedRegex(@"[\s\p{Cc}]+")]
    private static partial Regex Gaps();
}
