using System.Net;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class TwoFactorTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    private ServiceProcess Gateway => fixture.Gateway;

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void codes_are_those_of_rfc_6238(long second, string code) =>
        Assert.Equal(code, Totp.CodeAt("12345678901234567890"u8.ToArray(), Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(second))));

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void base32_is_that_of_rfc_4648(string text, string base32) => Assert.Equal(base32, Totp.Base32(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void a_code_is_good_for_its_step_and_the_ones_beside_it_and_never_again()
    {
        var (secret, at) = ("12345678901234567890"u8.ToArray(), DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
        var step = Totp.StepAt(at);
        Assert.Equal([null, step - 1, step, step + 1, null], Enumerable.Range(-2, 5).Select(d => Totp.Accepts(secret, Totp.CodeAt(secret, step + d), at, null)));
        Assert.Null(Totp.Accepts(secret, Totp.CodeAt(secret, step), at, step));
        Assert.Null(Totp.Accepts(secret, Totp.CodeAt(secret, step - 1), at, step));
        Assert.Equal(step, Totp.Accepts(secret, Totp.CodeAt(secret, step).Insert(3, " "), at, step - 1));
    }

    [Fact]
    public async Task once_confirmed_the_password_alone_is_not_enough_and_a_code_counts_once()
    {
        var (email, userId) = await fixture.RegisterAsync(Password);
        var (secret, recovery) = await EnableAsync(email);
        Assert.Equal(10, recovery.Length);

        var without = await SignInAsync(email, null);
        Assert.Equal((HttpStatusCode.Unauthorized, "code-required"), (without.Status, without.Problem));
        var code = Totp.CodeAt(secret, Totp.StepAt(DateTimeOffset.UtcNow) + 1);
        Assert.Equal("wrong-credentials", (await Gateway.PostAsync("/api/auth/token", new { email, password = "faux-Mot-de-passe", code }, null)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(email, code)).Status);
        Assert.Equal("wrong-code", (await SignInAsync(email, code)).Problem);
        Assert.Equal(["totp"], (await Gateway.FactsAsync<SignedIn>(userId)).Select(f => f.Factor).Where(f => f != "password"));
    }

    [Fact]
    public async Task a_recovery_code_replaces_the_phone_once()
    {
        var (email, _) = await fixture.RegisterAsync(Password);
        var (_, recovery) = await EnableAsync(email);
        var signedIn = await SignInAsync(email, recovery[3].ToUpperInvariant().Replace('-', ' '));
        Assert.Equal(HttpStatusCode.OK, signedIn.Status);
        Assert.Equal("wrong-code", (await SignInAsync(email, recovery[3])).Problem);
        var state = (await Gateway.GetAsync("/api/auth/me", signedIn.Body.GetProperty("accessToken").GetString())).Body.GetProperty("twoFactor");
        Assert.True(state.GetProperty("isActive").GetBoolean());
        Assert.Equal(9, state.GetProperty("recoveryCodesLeft").GetInt32());
    }

    [Fact]
    public async Task wrong_codes_are_counted_like_wrong_passwords_and_the_password_alone_forgives_none()
    {
        var (email, _) = await fixture.RegisterAsync(Password);
        var (secret, _) = await EnableAsync(email);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong-code", (await SignInAsync(email, "not-a-code")).Problem);
            if (i < 9)
            {
                Assert.Equal("code-required", (await SignInAsync(email, null)).Problem);
            }
        }

        Assert.Equal("too-many-attempts", (await SignInAsync(email, Totp.CodeAt(secret, Totp.StepAt(DateTimeOffset.UtcNow) + 1))).Problem);
    }

    [Fact]
    public async Task an_enrolment_needs_the_password_and_counts_only_once_confirmed()
    {
        var (email, _) = await fixture.RegisterAsync(Password);
        var token = await fixture.SignInAsync(email, Password);
        Assert.Equal("wrong-password", (await Gateway.PostAsync("/api/auth/totp", new { currentPassword = "faux" }, token)).Problem);
        Assert.Equal("totp-not-enrolled", (await Gateway.PostAsync("/api/auth/totp/confirmation", new { code = "123456" }, token)).Problem);
        var enrolled = await Gateway.PostAsync("/api/auth/totp", new { currentPassword = Password }, token);
        Assert.StartsWith("otpauth://totp/", enrolled.Body.GetProperty("uri").GetString(), StringComparison.Ordinal);
        Assert.Equal("wrong-code", (await Gateway.PostAsync("/api/auth/totp/confirmation", new { code = "nope" }, token)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(email, null)).Status);
    }

    [Fact]
    public async Task it_is_removed_with_password_and_code()
    {
        var (email, _) = await fixture.RegisterAsync(Password);
        var token = await fixture.SignInAsync(email, Password);
        var (_, recovery) = await EnableAsync(email, token);
        Assert.Equal("totp-active", (await Gateway.PostAsync("/api/auth/totp", new { currentPassword = Password }, token)).Problem);
        Assert.Equal("wrong-code", (await Gateway.PostAsync("/api/auth/totp/removal", new { currentPassword = Password, code = "000000x" }, token)).Problem);
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync("/api/auth/totp/removal", new { currentPassword = Password, code = recovery[0] }, token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(email, null)).Status);
    }

    [Fact]
    public async Task neither_secret_nor_recovery_codes_are_stored_as_they_are()
    {
        var (email, userId) = await fixture.RegisterAsync(Password);
        var token = await fixture.SignInAsync(email, Password);
        var (secret, recovery) = await EnableAsync(email, token, Guid.NewGuid().ToString());
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        var stored = await db.QuerySingleAsync<byte[]>("select totp_secret from account where id = @userId", new { userId });
        Assert.Equal(-1, stored.AsSpan().IndexOf(secret));
        var texts = await db.QueryAsync<string>("select f::text from fact f union all select convert_from(body, 'UTF8') from idempotency where body is not null");
        Assert.DoesNotContain(texts, t => t.Contains(Totp.Base32(secret), StringComparison.Ordinal) || recovery.Any(r => t.Contains(r, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task where_it_is_required_staff_can_do_nothing_before_it_is_set_up()
    {
        await using var strict = await fixture.StartAsync(new() { ["Accounts__StaffTwoFactor"] = "required" });
        var first = await strict.PostAsync("/api/auth/token", new { email = GatewayFixture.AdminEmail, password = GatewayFixture.AdminPassword }, null);
        var token = first.Body.GetProperty("accessToken").GetString();
        Assert.Equal(HttpStatusCode.Forbidden, (await strict.GetAsync("/api/auth/staff", token)).Status);

        var enrolled = await strict.PostAsync("/api/auth/totp", new { currentPassword = GatewayFixture.AdminPassword }, token);
        var secret = Decode(enrolled.Body.GetProperty("secret").GetString()!);
        var step = Totp.StepAt(DateTimeOffset.UtcNow);
        Assert.Equal(HttpStatusCode.OK, (await strict.PostAsync("/api/auth/totp/confirmation", new { code = Totp.CodeAt(secret, step) }, token)).Status);
        var second = await strict.PostAsync("/api/auth/token", new { email = GatewayFixture.AdminEmail, password = GatewayFixture.AdminPassword, code = Totp.CodeAt(secret, step + 1) }, null);
        token = second.Body.GetProperty("accessToken").GetString();
        Assert.Equal(HttpStatusCode.OK, (await strict.GetAsync("/api/auth/staff", token)).Status);
        var code = (await strict.PostAsync("/api/auth/totp/removal", new { currentPassword = GatewayFixture.AdminPassword, code = "any" }, token)).Problem;
        Assert.Equal("two-factor-required", code);
        Assert.Equal(HttpStatusCode.Created, (await strict.PostAsync("/api/auth/register", GatewayFixture.Registration("libre@entreprise.test"), null)).Status);
        Assert.Equal(HttpStatusCode.OK, (await strict.PostAsync("/api/auth/token", new { email = "libre@entreprise.test", password = Password }, null)).Status);
    }

    private async Task<(byte[] Secret, string[] Recovery)> EnableAsync(string email, string? token = null, string? key = null)
    {
        token ??= await fixture.SignInAsync(email, Password);
        var enrolled = await Gateway.PostAsync("/api/auth/totp", new { currentPassword = Password }, token, key);
        Assert.Equal(HttpStatusCode.OK, enrolled.Status);
        var secret = Decode(enrolled.Body.GetProperty("secret").GetString()!);
        var confirmed = await Gateway.PostAsync("/api/auth/totp/confirmation", new { code = Totp.CodeAt(secret, Totp.StepAt(DateTimeOffset.UtcNow)) }, token, key is null ? null : key + "2");
        Assert.Equal(HttpStatusCode.OK, confirmed.Status);
        return (secret, confirmed.Body.GetProperty("recoveryCodes").Deserialize<string[]>()!);
    }

    private Task<HttpAnswer> SignInAsync(string email, string? code) => Gateway.PostAsync("/api/auth/token", new { email, password = Password, code }, null);

    internal static byte[] Decode(string base32)
    {
        var bits = string.Concat(base32.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
    }
}
