using System.ComponentModel.DataAnnotations;
using Marketplace.PooledOrders.Payments;

namespace Marketplace.PaymentSimulator.Tests;

public sealed class StripeOptionsTests
{
    [Theory]
    [InlineData("sk_test_1", "http://127.0.0.1:9/", false, StripeMode.Simulation)]
    [InlineData("sk_test_1", "https://api.stripe.com/", false, StripeMode.Sandbox)]
    [InlineData("rk_live_1", "https://api.stripe.com/", true, StripeMode.Live)]
    public void key_host_and_mode_that_go_together_start(string key, string address, bool live, StripeMode mode)
    {
        var options = new StripeOptions { SecretKey = key, BaseAddress = new Uri(address), LiveMode = live };
        options.Check();
        Assert.Equal(mode, options.Mode);
    }

    [Theory]
    [InlineData("sk_live_1", "http://127.0.0.1:9/", false)]
    [InlineData("sk_live_1", "http://127.0.0.1:9/", true)]
    [InlineData("sk_live_1", "https://api.stripe.com/", false)]
    [InlineData("sk_live_1", "http://api.stripe.com/", true)]
    [InlineData("sk_live_1", "https://api.stripe.com:8443/", true)]
    [InlineData("sk_live_1", "https://api.stripe.com.example.org/", true)]
    [InlineData("sk_test_1", "https://api.stripe.com/", true)]
    [InlineData("sk_test_1", "http://127.0.0.1:9/", true)]
    [InlineData("sk_test_1", "http://api.stripe.com/", false)]
    [InlineData("whatever", "https://api.stripe.com/", false)]
    [InlineData("", "https://api.stripe.com/", false)]
    public void key_host_and_mode_that_do_not_go_together_refuse_to_start(string key, string address, bool live)
    {
        var options = new StripeOptions { SecretKey = key, BaseAddress = new Uri(address), LiveMode = live };
        var refusal = Assert.Throws<ValidationException>(options.Check);
        if (key.Length > 0)
            Assert.DoesNotContain("_1", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void no_secret_is_printed()
    {
        Assert.DoesNotContain("abc", new StripeOptions { SecretKey = "sk_test_abc", WebhookSecret = "whsec_abc" }.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("abc", $"{new StripeSecret("pi_1_secret_abc")}", StringComparison.Ordinal);
    }
}
