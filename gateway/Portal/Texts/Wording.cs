using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using Marketplace.Platform.Time;

namespace Marketplace.Portal.Texts;

/// <summary>
/// Everything the pages say in one language, and how it writes numbers, money and dates. The texts are flat JSON files
/// by key, one pair per part of the portal (<c>finance.fr.json</c>, <c>finance.en.json</c>); both languages have the same
/// keys (a test sees to it).
/// </summary>
public sealed class Wording
{
    private readonly FrozenDictionary<string, string> texts;
    private readonly CultureInfo culture;

    private Wording(string code, string name, CultureInfo culture)
    {
        (Code, Name, this.culture) = (code, name, culture);
        var assembly = typeof(Wording).Assembly;
        texts = assembly.GetManifestResourceNames().Where(n => n.StartsWith("Texts.", StringComparison.Ordinal) && n.EndsWith($".{code}.json", StringComparison.Ordinal))
            .SelectMany(n =>
            {
                using var file = assembly.GetManifestResourceStream(n)!;
                return JsonSerializer.Deserialize<Dictionary<string, string>>(file)!;
            })
            .ToFrozenDictionary();
    }

    /// <summary>Français.</summary>
    public static Wording French { get; } = new("fr", "Français", CultureOf(
        "\u202f", ",", "d MMMM yyyy", ["janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre", ""]));

    /// <summary>English.</summary>
    public static Wording English { get; } = new("en", "English", CultureOf(
        ",", ".", "d MMMM yyyy", ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", ""]));

    /// <summary>For the <c>lang</c> attribute.</summary>
    public string Code { get; }

    /// <summary>The language's own name.</summary>
    public string Name { get; }

    /// <summary>The other one.</summary>
    public Wording Other => this == French ? English : French;

    /// <summary>All keys.</summary>
    public IReadOnlyCollection<string> Keys => texts.Keys;

    /// <summary>A text.</summary>
    /// <exception cref="KeyNotFoundException">There is none of this key: a bug.</exception>
    public string this[string key] => texts[key];

    /// <summary>A text with its values.</summary>
    public string Say(string key, params object[] values) => string.Format(culture, texts[key], values);

    /// <summary>A text for a count: key <c>….one</c> for 1 (and 0 in French), else <c>….many</c>.</summary>
    public string Count(string key, long count) => Say(key + (IsOne(count) ? ".one" : ".many"), Number(count));

    /// <summary>A quantity of a pack, such as « 46 postes ».</summary>
    /// <param name="count">How many.</param>
    /// <param name="unit">The pack's unit, as the API names it.</param>
    public string Units(long count, string? unit) => $"{Number(count)} {Word(IsOne(count) ? "one-unit" : "unit", unit)}";

    /// <summary>A text for a word of the API, such as a status; the word itself when there is none.</summary>
    public string Word(string family, string? word) => word is null ? "" : texts.GetValueOrDefault($"{family}.{word}", word);

    private bool IsOne(long count) => count == 1 || count == 0 && this == French;

    /// <summary>True when there is a text.</summary>
    public bool Has(string key) => texts.ContainsKey(key);

    /// <summary>A whole number.</summary>
    public string Number(long number) => number.ToString("#,0", culture);

    /// <summary>Cents as euros.</summary>
    public string Money(long cents)
    {
        var sign = cents < 0 ? "−" : "";
        var (euros, rest) = Math.DivRem(Math.Abs(cents), 100);
        var amount = string.Create(culture, $"{euros:#,0}{culture.NumberFormat.NumberDecimalSeparator}{rest:00}");
        return this == French ? $"{sign}{amount}\u00a0€" : $"{sign}€{amount}";
    }

    /// <summary>Cents as euros; a dash when there are none.</summary>
    public string Money(long? cents) => cents is { } known ? Money(known) : "–";

    /// <summary>Basis points as percent.</summary>
    public string Percent(int bps) => (bps / 100m).ToString("0.##", culture) + (this == French ? "\u00a0%" : "%");

    /// <summary>The day of an instant (UTC), in Europe/Paris.</summary>
    public string Day(DateTime at) => ParisDays.Local(at).ToString(culture.DateTimeFormat.LongDatePattern, culture);

    /// <summary>A date.</summary>
    public string Day(DateOnly day) => day.ToString(culture.DateTimeFormat.LongDatePattern, culture);

    /// <summary>An instant (UTC) in Europe/Paris.</summary>
    public string Instant(DateTime at)
    {
        var local = ParisDays.Local(at);
        return this == French ? string.Create(culture, $"{local:d MMMM yyyy} à {local:HH}\u00a0h\u00a0{local:mm}") : string.Create(culture, $"{local:d MMMM yyyy}, {local:HH:mm}");
    }

    /// <summary>An instant (UTC) in Europe/Paris, as short as a row of a table wants it.</summary>
    public string Moment(DateTime at) => ParisDays.Local(at).ToString("dd/MM/yyyy\u00a0HH:mm", CultureInfo.InvariantCulture);

    private static CultureInfo CultureOf(string thousands, string point, string day, string[] months)
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        culture.NumberFormat.NumberGroupSeparator = thousands;
        culture.NumberFormat.NumberDecimalSeparator = point;
        culture.DateTimeFormat.MonthNames = months;
        culture.DateTimeFormat.MonthGenitiveNames = months;
        culture.DateTimeFormat.LongDatePattern = day;
        return culture;
    }
}
