using System.Diagnostics;
using System.Net;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class SignInTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task a_wrong_password_and_an_unknown_email_get_the_same_answer_after_the_same_time()
    {
        var email = await RegisterAsync();
        await TryAsync(email, Password);
        await TryAsync(GatewayFixture.NewEmail(), Password);
        var (right, wrong, unknown) = (double.MaxValue, double.MaxValue, double.MaxValue);

        // The fastest of each, which other work on the machine only delays; where no password is hashed it would never be slow.
        for (var i = 0; i < 25 && !(i > 6 && AreAlike()); i++)
        {
            right = Math.Min(right, await TimedAsync(email, Password, HttpStatusCode.OK));
            wrong = Math.Min(wrong, await TimedAsync(email, "une-Autre-phrase-8", HttpStatusCode.Unauthorized));
            unknown = Math.Min(unknown, await TimedAsync(GatewayFixture.NewEmail(), Password, HttpStatusCode.Unauthorized));
        }

        Assert.True(AreAlike(), $"right {right:0.0} ms, wrong {wrong:0.0} ms, unknown {unknown:0.0} ms");

        bool AreAlike() => Math.Max(right, Math.Max(wrong, unknown)) < Math.Min(right, Math.Min(wrong, unknown)) * 1.5 + 5;
    }

    [Fact]
    public async Task after_ten_wrong_passwords_even_the_right_one_waits_and_then_is_accepted()
    {
        var email = await RegisterAsync();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await TryAsync(email, "une-Autre-phrase-8")).Status);
        }

        var refused = await TryAsync(email.ToUpperInvariant(), Password);
        Assert.Equal((HttpStatusCode.TooManyRequests, "too-many-attempts"), (refused.Status, refused.Problem));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5));

        Assert.Equal(HttpStatusCode.OK, (await Gateway.PostAsync("/api/local/clock", new { advance = "PT5M" }, Gateway.Identity.Staff("admin"))).Status);
        Assert.Equal(HttpStatusCode.OK, (await TryAsync(email, Password)).Status);
    }

    [Fact]
    public async Task an_email_without_account_is_refused_just_so()
    {
        var email = GatewayFixture.NewEmail();
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong-credentials", (await TryAsync(email, Password)).Problem);
        }

        Assert.Equal("too-many-attempts", (await TryAsync(email, Password)).Problem);
    }

    [Fact]
    public async Task the_right_password_in_between_starts_the_count_anew()
    {
        var email = await RegisterAsync();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < 9; i++)
            {
                await TryAsync(email, "une-Autre-phrase-8");
            }

            Assert.Equal(HttpStatusCode.OK, (await TryAsync(email, Password)).Status);
        }
    }

    private async Task<string> RegisterAsync()
    {
        var email = GatewayFixture.NewEmail();
        Assert.Equal(HttpStatusCode.Created, (await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email), null)).Status);
        return email;
    }

    private Task<HttpAnswer> TryAsync(string email, string password) => Gateway.PostAsync("/api/auth/token", new { email, password }, null);

    private async Task<double> TimedAsync(string email, string password, HttpStatusCode expected)
    {
        var watch = Stopwatch.StartNew();
        Assert.Equal(expected, (await TryAsync(email, password)).Status);
        return watch.Elapsed.TotalMilliseconds;
    }
}
