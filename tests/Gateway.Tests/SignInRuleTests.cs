using Marketplace.Gateway.Accounts;

namespace Marketplace.Gateway.Tests;

public sealed class SignInRuleTests
{
    private static readonly DateTime Now = new(2026, 11, 22, 10, 0, 0, DateTimeKind.Utc);

    [Theory]
    [InlineData("short-1")]
    [InlineData("onlysmallletters")]
    [InlineData("1234567890123")]
    [InlineData("Password123!")]
    [InlineData("MotDePasse2026")]
    [InlineData("azertyuiop1")]
    [InlineData("awa.diop@entreprise.test")]
    [InlineData("AWA.DIOP@entreprise.test ")]
    public void a_weak_password_is_refused(string password) => Assert.NotNull(PasswordRules.Refuses(password, "awa.diop@entreprise.test"));

    [Theory]
    [InlineData("une phrase un peu longue")]
    [InlineData("Tr0is-petits")]
    [InlineData("пароль-на-кириллице")]
    public void a_password_that_is_long_and_mixed_is_accepted(string password) => Assert.Null(PasswordRules.Refuses(password, "awa@entreprise.test"));

    [Fact]
    public void an_overlong_password_is_refused() => Assert.NotNull(PasswordRules.Refuses("a1" + new string('x', 300), null));

    [Theory]
    [InlineData(9, 0, null)]
    [InlineData(10, 0, 300)]
    [InlineData(10, 299, 1)]
    [InlineData(10, 300, null)]
    [InlineData(4000, 60, 240)]
    public void an_account_waits_out_the_rest_of_five_minutes_after_ten_wrong_passwords(int failures, int secondsAgo, int? waitSeconds) =>
        Assert.Equal(waitSeconds is { } s ? TimeSpan.FromSeconds(s) : null, Patience.WithAccount.Refuses(failures, Now.AddSeconds(-secondsAgo), Now));

    [Fact]
    public void an_address_is_borne_three_hundred_times_a_minute()
    {
        Assert.Null(Patience.WithAddress.Refuses(299, Now, Now));
        Assert.Equal(TimeSpan.FromMinutes(1), Patience.WithAddress.Refuses(300, Now, Now));
    }

    [Fact]
    public void a_secret_does_not_print() => Assert.DoesNotContain("geheim", $"{new Secret("geheim")} {new SignIn.Body("a@b.fr", new Secret("geheim"))}");
}
