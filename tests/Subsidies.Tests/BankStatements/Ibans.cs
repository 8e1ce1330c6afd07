using Marketplace.Platform.Identity;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Account numbers by ISO 13616.</summary>
public sealed class Ibans
{
    [Theory]
    [InlineData("FR7630006000011234567890189", true)]
    [InlineData("FR1420041010050500013M02606", true)]
    [InlineData("DE89370400440532013000", true)]
    [InlineData("GB82WEST12345698765432", true)]
    [InlineData("NO9386011117947", true)]
    [InlineData("FR7630006000011234567890188", false)]
    [InlineData("FR7630006000011234567809189", false)]
    [InlineData("FR763000600001123456789018", false)]
    [InlineData("fr7630006000011234567890189", false)]
    [InlineData("FR76 3000 6000 0112 3456 7890 189", false)]
    [InlineData("DE8937040044053201300é", false)]
    [InlineData("", false)]
    public void the_check_digits_length_and_characters_decide(string iban, bool isValid) => Assert.Equal(isValid, Iban.IsValid(iban));

    [Fact]
    public void spaces_go_and_letters_are_capitals() => Assert.Equal("FR1420041010050500013M02606", Iban.Normalised(" fr14 2004 1010 0505\t0001 3m02 606\u00a0"));
}
