using System.Numerics;
using Marketplace.Local.Campaigns;

namespace Marketplace.Journeys_Tests;

public sealed class ExampleIbanTests
{
    [Theory]
    [InlineData("31068403088545")]
    [InlineData("984 049 486 36698")]
    [InlineData("00000000000000")]
    [InlineData("99999999999999")]
    public void it_passes_the_check_of_iso_13616_and_is_always_the_same(string siret)
    {
        var iban = ExampleIban.Of(siret);

        Assert.Matches("^FR[0-9]{25}$", iban);
        Assert.Equal(BigInteger.One, BigInteger.Parse($"{iban[4..]}1527{iban[2..4]}") % 97);
        Assert.Equal(iban, ExampleIban.Of(siret));
    }

    [Fact]
    public void the_specimen_of_french_banks_comes_out() => Assert.Equal("FR7630001007941234567890185", ExampleIban.Of("12345678901"));
}
