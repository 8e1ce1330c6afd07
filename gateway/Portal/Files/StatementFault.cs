using System.Text.RegularExpressions;

namespace Marketplace.Portal.Files;

/// <summary>
/// Why a line of a bank statement could not be read, in words that the portal can say in the reader's language: the API
/// gives its reason in English.
/// </summary>
/// <param name="Kind">One of <see cref="Kinds"/>.</param>
/// <param name="Subject">The field and its value as the file has them, where the reason names them.</param>
public sealed partial record StatementFault(string Kind, string? Subject)
{
    private static readonly (string Kind, Regex Pattern)[] Patterns =
    [
        ("date", Date()), ("currency", Currency()), ("iban", Iban()), ("amount", Amount()), ("columns", Columns()), ("twice", Twice()), ("sums", Sums()), ("account", Account()), ("encoding", Encoding()),
        ("long", Long()), ("empty", Empty()),
    ];

    /// <summary>All kinds; the last one is for whatever has no words of its own.</summary>
    public static IEnumerable<string> Kinds => Patterns.Select(p => p.Kind).Append("form");

    /// <summary>Reads the API's reason.</summary>
    public static StatementFault Of(string reason) =>
        new(Patterns.FirstOrDefault(p => p.Pattern.IsMatch(reason)).Kind ?? "form", Named().Match(reason) is { Success: true } named ? $"{named.Groups[1].Value} « {named.Groups[2].Value} »" : null);

    [GeneratedRegex("is not a date|is out of range")]
    private static partial Regex Date();

    [GeneratedRegex("in EUR only")]
    private static partial Regex Currency();

    [GeneratedRegex("is not a valid IBAN")]
    private static partial Regex Iban();

    [GeneratedRegex("is not an? (amount|whole number|number)|is over .* euros")]
    private static partial Regex Amount();

    [GeneratedRegex("^The (column|header|line has)|^A column")]
    private static partial Regex Columns();

    [GeneratedRegex("is given twice")]
    private static partial Regex Twice();

    [GeneratedRegex("adds? up|says .* entries")]
    private static partial Regex Sums();

    [GeneratedRegex("is another account")]
    private static partial Regex Account();

    [GeneratedRegex("not UTF-8|^The encoding")]
    private static partial Regex Encoding();

    [GeneratedRegex("longer than|more than|More than|deeper than")]
    private static partial Regex Long();

    [GeneratedRegex("is empty|is missing|holds no statement")]
    private static partial Regex Empty();

    [GeneratedRegex(@"^([\w/]{1,60}) '([^']{1,100})'")]
    private static partial Regex Named();
}
