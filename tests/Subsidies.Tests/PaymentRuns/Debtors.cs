using Marketplace.Subsidies.PaymentRuns;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>The account that is paid from, as it is configured.</summary>
public sealed class Debtors
{
    [Fact]
    public void a_debtor_is_read_without_spaces() => Assert.Equal(
        new Debtor("Ville d'Ault-Élevée & Cie", "FR1420041010050500013M02606", "PSSTFRPPLIL", "21620041000019"),
        From(("Payments:Debtor:Bic", " psstfrpplil "), ("Town:Siret", "216 200 410 00019")));

    [Fact]
    public void bank_and_siret_may_be_absent() => Assert.Equal(
        new Debtor("Ville d'Ault-Élevée & Cie", "FR1420041010050500013M02606", null, null), From(("Payments:Debtor:Bic", null), ("Town:Siret", " ")));

    [Fact]
    public void without_any_of_it_there_is_no_debtor_whatever_the_town() =>
        Assert.Null(From(("Payments:Debtor:Name", null), ("Payments:Debtor:Iban", null), ("Payments:Debtor:Bic", null), ("Town:Siret", "not one")));

    [Theory]
    [InlineData("Payments:Debtor:Iban", "FR15 2004 1010 0505 0001 3M02 606")]
    [InlineData("Payments:Debtor:Iban", null)]
    [InlineData("Payments:Debtor:Bic", "PSSTF")]
    [InlineData("Payments:Debtor:Name", " ")]
    [InlineData("Town:Siret", "21620041000018")]
    public void half_a_debtor_is_none(string setting, string? value) =>
        Assert.Contains(setting, Assert.Throws<InvalidOperationException>(() => From((setting, value))).Message, StringComparison.Ordinal);

    private static Debtor? From(params (string Setting, string? Value)[] changes)
    {
        var settings = ServiceDone.Debtor.ToDictionary(s => s.Key.Replace("__", ":", StringComparison.Ordinal), s => (string?)s.Value);
        foreach (var (setting, value) in changes)
        {
            settings[setting] = value;
        }

        return PaymentSettings.From(new ConfigurationBuilder().AddInMemoryCollection(settings).Build()).Debtor;
    }
}
