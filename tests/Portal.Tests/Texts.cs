using System.Text.RegularExpressions;
using Marketplace.Portal.Texts;
using Marketplace.Testing;

namespace Marketplace.Portal.Tests;

/// <summary>Nothing is said in one language only, nothing is missing, nothing is left over.</summary>
public sealed partial class Texts
{
    /// <summary>Families of texts whose keys are words of the API.</summary>
    private static readonly string[] Families =
        ["pool", "commitment", "commitment-next", "accreditation", "aid", "limit", "category", "unit", "one-unit", "per-unit", "event", "problem", "application-status", "application-next", "assessor-next", "pack-status", "pack-next", "criterion", "media", "refund", "reason", "grant", "grant-event", "run", "transfer",
            "outcome", "outcome-meaning", "exception", "resolution", "resolution-meaning", "ledger-account", "ledger-reason", "left-out", "card-outcome", "audit-type", "audit-detail",
            "notice", "notice-title", "notice-missing", "notice-price", "notice-amount", "notice-until", "notice-open", "notice-mail"];

    private static readonly Lazy<string> Pages = new(() => string.Join('\n', Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "gateway", "Portal"), "*.razor", SearchOption.AllDirectories)
        .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText)));

    [Fact]
    public void both_languages_have_the_same_texts_and_no_empty_one()
    {
        Assert.Equal(Wording.French.Keys.Order(), Wording.English.Keys.Order());
        Assert.DoesNotContain(Wording.French.Keys, k => string.IsNullOrWhiteSpace(Wording.French[k]) || string.IsNullOrWhiteSpace(Wording.English[k]));
    }

    [Fact]
    public void both_languages_take_the_same_values() =>
        Assert.All(Wording.French.Keys, k => Assert.Equal(Values(Wording.French[k]), Values(Wording.English[k])));

    [Fact]
    public void every_text_that_a_page_names_exists()
    {
        var named = Key().Matches(Pages.Value).Select(m => m.Groups[1].Value).ToHashSet();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, k => !Wording.French.Has(k) && !Wording.French.Has(k + ".one"));
    }

    [Fact]
    public void every_text_is_used()
    {
        var unused = Wording.French.Keys
            .Where(k => !Families.Contains(k.Split('.')[0]))
            .Where(k => !Pages.Value.Contains($"\"{k}\"", StringComparison.Ordinal) && !Prefixes().Any(p => k.StartsWith(p, StringComparison.Ordinal)))
            .Where(k => !(k.EndsWith(".one", StringComparison.Ordinal) || k.EndsWith(".many", StringComparison.Ordinal)) || !Pages.Value.Contains($"\"{k[..k.LastIndexOf('.')]}\"", StringComparison.Ordinal));
        Assert.Empty(unused);
    }

    [Theory]
    [InlineData(123_456_78, "123\u202f456,78\u00a0€", "€123,456.78")]
    [InlineData(-5, "−0,05\u00a0€", "−€0.05")]
    [InlineData(0, "0,00\u00a0€", "€0.00")]
    public void money_is_written_as_each_language_does(long cents, string french, string english) =>
        Assert.Equal((french, english), (Wording.French.Money(cents), Wording.English.Money(cents)));

    private static IEnumerable<string> Values(string text) => Value().Matches(text).Select(m => m.Value).Order();

    private static IEnumerable<string> Prefixes() => Prefix().Matches(Pages.Value).Select(m => m.Groups[1].Value);

    [GeneratedRegex("""(?:T\[|Say\(|Count\(|Key=)"([a-z][a-z0-9.-]+)""")]
    private static partial Regex Key();

    [GeneratedRegex("""T\[\$"([a-z.-]+)\{""")]
    private static partial Regex Prefix();

    [GeneratedRegex(@"\{\d\}")]
    private static partial Regex Value();
}
