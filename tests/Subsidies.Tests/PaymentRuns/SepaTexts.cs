using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.PaymentRuns;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>Names in the characters that every SEPA bank reads, and references that check themselves.</summary>
public sealed partial class SepaTexts
{
    [Theory]
    [InlineData("Société Générale d'Élevage & Cie", "Societe Generale d'Elevage + Cie")]
    [InlineData("Les Œufs du Cœur", "Les OEufs du Coeur")]
    [InlineData("L’Île–Saint‑Denis", "L'Ile-Saint-Denis")]
    [InlineData("Cafe\u0301 de l'A\u0300tre", "Cafe de l'Atre")]
    [InlineData("Straße Łódź Ångström", "Strasse Lodz Angstrom")]
    [InlineData("/Rue//du / Port/", "Rue/du / Port")]
    [InlineData("  a\t\nb   c ", "a b c")]
    [InlineData("A<script>&\"*", "A.script.+'.")]
    [InlineData("日本語", "NOTPROVIDED")]
    [InlineData("///", "NOTPROVIDED")]
    [InlineData("\ud83d\ude80 Fusée", ". Fusee")]
    public void names_are_written_without_accents_and_strange_marks(string name, string written) => Assert.Equal(written, SepaText.From(name, 70));

    [Fact]
    public void a_cut_name_ends_neither_with_a_space_nor_with_a_slash()
    {
        Assert.Equal("abc", SepaText.From("abc /def", 5));
        Assert.Equal(70, SepaText.From(new string('é', 200), 70).Length);
    }

    [Fact]
    public void any_text_becomes_one_that_a_bank_accepts()
    {
        Check.QuickThrowOnFailure(Prop.ForAll<string?>(text => Accepted().IsMatch(SepaText.From(text ?? "", 70))));
        var anyRune = Gen.Choose(1, 0x10FFFF).Where(c => c is < 0xD800 or > 0xDFFF).Select(c => char.ConvertFromUtf32(c)).ArrayOf().Select(string.Concat);
        Check.QuickThrowOnFailure(Prop.ForAll(anyRune.ToArbitrary(), text => Accepted().IsMatch(SepaText.From(text, 70))));
    }

    [Theory]
    [InlineData("539007547034", "RF18539007547034")]
    [InlineData("2348231", "RF712348231")]
    public void references_have_the_check_digits_of_iso_11649(string text, string reference) => Assert.Equal(reference, CreditorReference.Of(text));

    [Fact]
    public void every_end_to_end_id_has_a_reference_of_its_own()
    {
        var ids = Enumerable.Range(1, 300).SelectMany(run => Enumerable.Range(1, 5).Select(i => RunNumbers.EndToEndId($"PR-2026-{run * 3331:000000}", i * 19_999))).ToList();
        var references = ids.Select(CreditorReference.Of).ToList();

        Assert.All(ids, id => Assert.Matches("^[A-Z0-9-]{1,35}$", id));
        Assert.All(references, r => Assert.True(BankRules.IsCreditorReference(r), r));
        Assert.Equal(ids.Count, references.Distinct().Count());
        Assert.Throws<ArgumentException>(() => CreditorReference.Of(new string('1', 22)));
        Assert.Throws<ArgumentException>(() => CreditorReference.Of("é"));
    }

    [GeneratedRegex(@"^(?!/)(?!.*//)(?!.*/\z)[A-Za-z0-9/\-?:().,'+ ]{1,70}\z")]
    private static partial Regex Accepted();
}
