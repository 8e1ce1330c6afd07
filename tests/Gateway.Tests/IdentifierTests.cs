using FsCheck;
using FsCheck.Fluent;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Identity;

namespace Marketplace.Gateway.Tests;

public sealed class IdentifierTests
{
    private static readonly Gen<string> Sirets =
        from siren in Gen.Choose(0, 9).ArrayOf(8).Select(d => WithLuhn(string.Concat(d)))
        from nic in Gen.Choose(0, 9).ArrayOf(4)
        select WithLuhn(siren + string.Concat(nic));

    [Fact]
    public void a_number_with_both_check_digits_is_a_siret() =>
        Prop.ForAll(Sirets.ToArbitrary(), Siret.IsValid).QuickCheckThrowOnFailure();

    [Fact]
    public void no_single_wrong_digit_goes_unnoticed() =>
        Prop.ForAll(
            (from siret in Sirets.Where(s => !s.StartsWith("356000000", StringComparison.Ordinal))
             from position in Gen.Choose(0, 13)
             from difference in Gen.Choose(1, 9)
             select siret[..position] + (char)('0' + (siret[position] - '0' + difference) % 10) + siret[(position + 1)..]).ToArbitrary(),
            wrong => !Siret.IsValid(wrong)).QuickCheckThrowOnFailure();

    [Fact]
    public void an_establishment_of_la_poste_is_accepted_exactly_when_luhn_or_its_digit_sum_says_so() =>
        Prop.ForAll(Gen.Choose(0, 99_999).Select(n => $"356000000{n:00000}").ToArbitrary(), siret =>
            Siret.IsValid(siret) == (siret == WithLuhn(siret[..13]) || siret.Sum(c => c - '0') % 5 == 0)).QuickCheckThrowOnFailure();

    [Fact]
    public void the_digit_sum_helps_la_poste_only()
    {
        Assert.True(Siret.IsValid("35600000018723"));
        Assert.False(Siret.IsValid("73282932000079"));
        Assert.True(Siret.IsValid("73282932000074"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("7328293200007")]
    [InlineData("732829320000744")]
    [InlineData("7328293200007A")]
    [InlineData("٧٣٢٨٢٩٣٢٠٠٠٠٧٤")]
    [InlineData("-3282932000074")]
    public void other_shapes_are_no_siret(string text) => Assert.False(Siret.IsValid(text));

    [Fact]
    public void spaces_of_any_kind_are_taken_out() => Assert.Equal("73282932000074", Siret.WithoutSpaces(" 732 829\u00a0320\u202f00074 "));

    [Theory]
    [InlineData("FR14 2004 1010 0505 0001 3M02 606", true)]
    [InlineData("fr1420041010050500013m02606", true)]
    [InlineData("DE89370400440532013000", true)]
    [InlineData("FR1420041010050500013M02607", false)]
    [InlineData("FR14200410100505000", false)]
    [InlineData("1420041010050500013M02606FR", false)]
    [InlineData("", false)]
    public void an_iban_needs_its_check_digits(string text, bool valid) => Assert.Equal(valid, Iban.IsValid(Iban.Normalised(text)));

    [Theory]
    [InlineData("01", true)]
    [InlineData("19", true)]
    [InlineData("95", true)]
    [InlineData("2A", true)]
    [InlineData("2B", true)]
    [InlineData("971", true)]
    [InlineData("976", true)]
    [InlineData("20", false)]
    [InlineData("00", false)]
    [InlineData("96", false)]
    [InlineData("1", false)]
    [InlineData("2C", false)]
    [InlineData("970", false)]
    [InlineData("977", false)]
    public void departements_are_those_of_france(string code, bool valid) => Assert.Equal(valid, Departement.IsValid(code));

    [Theory]
    [InlineData("a@b.fr", true)]
    [InlineData(" Awa.Diop+achat@sous.domaine.test ", true)]
    [InlineData("élodie@mairie.test", true)]
    [InlineData("a@b", false)]
    [InlineData("a b@c.fr", false)]
    [InlineData("@c.fr", false)]
    [InlineData("a@@c.fr", false)]
    [InlineData("a@c.fr\n", true)]
    [InlineData("a@c\n.fr", false)]
    [InlineData("<a@c.fr>", false)]
    [InlineData("a@.fr", false)]
    public void an_email_has_a_name_and_a_domain(string text, bool valid) => Assert.Equal(valid, Email.IsValid(text));

    private static string WithLuhn(string digits)
    {
        var sum = digits.Reverse().Select((c, i) => (c - '0') * (i % 2 == 0 ? 2 : 1)).Sum(d => d > 9 ? d - 9 : d);
        return digits + (10 - sum % 10) % 10;
    }
}
