using System.Net;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class KeyRotationTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    [Fact]
    public async Task second_factors_outlive_the_signing_key_when_their_owners_sign_in_while_both_are_configured()
    {
        var database = await fixture.Postgres.NewDatabaseAsync();
        var (first, second) = (new TestIdentity(), new TestIdentity());
        var (email, late) = (GatewayFixture.NewEmail(), GatewayFixture.NewEmail());
        byte[] secret, lateSecret;
        await using (var gateway = await fixture.StartAsync([], database, first))
        {
            (secret, lateSecret) = (await EnrolAsync(gateway, email), await EnrolAsync(gateway, late));
        }

        await using (var gateway = await fixture.StartAsync(new() { ["Identity__PrivateKey"] = $"{second.PrivateKey},{first.PrivateKey}" }, database, second))
        {
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(gateway, email, Code(secret, 0))).Status);
        }

        await using (var gateway = await fixture.StartAsync([], database, second))
        {
            Assert.Equal(HttpStatusCode.OK, (await SignInAsync(gateway, email, Code(secret, 1))).Status);
            Assert.Equal("wrong-code", (await SignInAsync(gateway, late, Code(lateSecret, 1))).Problem);
        }
    }

    private static async Task<byte[]> EnrolAsync(ServiceProcess gateway, string email)
    {
        await gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, password: Password), null);
        var token = (await SignInAsync(gateway, email, null)).Body.GetProperty("accessToken").GetString();
        var enrolment = await gateway.PostAsync("/api/auth/totp", new { currentPassword = Password }, token);
        var secret = TwoFactorTests.Decode(enrolment.Body.GetProperty("secret").GetString()!);
        var confirmed = await gateway.PostAsync("/api/auth/totp/confirmation", new { code = Code(secret, -1) }, token);
        Assert.True(confirmed.Status == HttpStatusCode.OK, $"{confirmed.Body}");
        return secret;
    }

    private static Task<HttpAnswer> SignInAsync(ServiceProcess gateway, string email, string? code) => gateway.PostAsync("/api/auth/token", new { email, password = Password, code }, null);

    private static string Code(byte[] secret, int steps) => Totp.CodeAt(secret, Totp.StepAt(DateTimeOffset.UtcNow) + steps);
}
