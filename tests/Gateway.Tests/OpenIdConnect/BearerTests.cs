using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Marketplace.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Gateway.Tests.OpenIdConnect;

/// <summary>Access tokens of the certified provider on the API.</summary>
public sealed class BearerTests(TestPostgres postgres) : IAsyncLifetime
{
    private const string Audience = "https://api.ville.example";
    private readonly OpenIdProvider provider = new();
    private readonly object accounts = new { rose = new { email = "rose@ville.example" }, stranger = new { email = "stranger@ville.example" } };
    private Upstream upstream = null!;
    private ServiceProcess gateway = null!;
    private Guid rose;

    public async ValueTask InitializeAsync()
    {
        upstream = await Upstream.StartAsync();
        var identity = new TestIdentity();
        gateway = await ServiceProcess.StartAsync("gateway/Gateway", await postgres.NewDatabaseAsync(), identity, new Dictionary<string, string>(provider.Settings)
        {
            ["Identity__PrivateKey"] = identity.PrivateKey,
            ["Services__Catalog"] = upstream.Address,
        });
        await provider.StartAsync(gateway.Http.BaseAddress!, accounts);
        rose = (await gateway.PostAsync("/api/auth/staff", new { email = "rose@ville.example", password = "une-Longue-phrase-7", displayName = "Rose", roles = new[] { "buyer", "finance" } }, identity.Staff("admin"))).Body.GetProperty("userId").GetGuid();
        await using var db = new Npgsql.NpgsqlConnection(gateway.ConnectionString);
        await Dapper.SqlMapper.ExecuteAsync(
            db, "insert into external_identity (id, account_id, issuer, subject, linked_at, last_sign_in_at) values (gen_random_uuid(), @rose, @Issuer, 'rose', now(), now())", new { rose, provider.Issuer });
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await upstream.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task a_token_for_the_api_is_its_linked_account_and_services_see_a_short_one_of_ours()
    {
        var token = await provider.AccessTokenAsync("rose", Audience);
        var me = await gateway.GetAsync("/api/auth/me", token);
        Assert.Equal((HttpStatusCode.OK, "rose@ville.example"), (me.Status, me.Body.GetProperty("email").GetString()));

        var seen = (await gateway.GetAsync("/api/catalog/packs", token)).Body.GetProperty("headers").GetProperty("authorization").GetString()!;
        var own = new JsonWebToken(seen["Bearer ".Length..]);
        Assert.Equal(("marketplace", rose.ToString(), "buyer,finance"), (own.Issuer, own.Subject, string.Join(',', own.Claims.Where(c => c.Type == "role").Select(c => c.Value))));
        Assert.InRange(own.ValidTo - own.ValidFrom, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));

        var unlinked = await gateway.GetAsync("/api/catalog/packs", await provider.AccessTokenAsync("stranger", Audience));
        Assert.Equal((HttpStatusCode.Forbidden, "openid-not-linked"), (unlinked.Status, unlinked.Problem));
    }

    [Fact]
    public async Task a_token_that_is_not_for_the_api_opens_nothing()
    {
        await RefusedAsync(await provider.AccessTokenAsync("rose", "https://other-api.example"));
        var (now, header) = (DateTimeOffset.UtcNow.ToUnixTimeSeconds(), new { typ = "at+jwt" });
        object Claims(string? iss = null, string aud = Audience, long exp = 300) => new { iss = iss ?? provider.Issuer, aud, sub = "rose", iat = now, exp = now + exp };
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/api/auth/me", await provider.SignedAsync(header, Claims()))).Status);
        await RefusedAsync(await provider.SignedAsync(header, Claims(exp: -60)));
        await RefusedAsync(await provider.SignedAsync(header, Claims(aud: OpenIdProvider.ClientId)));
        await RefusedAsync(await provider.SignedAsync(new { typ = "JWT" }, Claims()));
        await RefusedAsync(await provider.SignedAsync(new { }, Claims()));

        // Of another issuer: it passes the door as it is, and whoever it goes to refuses it.
        Assert.Equal(HttpStatusCode.Unauthorized, (await gateway.GetAsync("/api/auth/me", await provider.SignedAsync(header, Claims(iss: "https://evil.example")))).Status);
        var good = await provider.SignedAsync(header, Claims());
        await RefusedAsync(Unsigned(good, "none") + ".");
        var known = Unsigned(good, "HS256");
        await RefusedAsync($"{known}.{Base64UrlEncoder.Encode(HMACSHA256.HashData(Encoding.ASCII.GetBytes(await PublicKeyAsync()), Encoding.ASCII.GetBytes(known)))}");
        await RefusedAsync(good[..^8] + "AAAAAAAA");
    }

    [Fact]
    public async Task a_token_gives_no_role_that_the_provider_no_longer_tells()
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var token = await provider.SignedAsync(new { typ = "at+jwt" }, new { iss = provider.Issuer, aud = Audience, sub = "rose", iat = now, exp = now + 300, roles = new[] { "acheteurs", "direction" } });
        Assert.Equal(HttpStatusCode.Forbidden, (await gateway.GetAsync("/api/auth/staff", token)).Status);
        var seen = (await gateway.GetAsync("/api/catalog/packs", token)).Body.GetProperty("headers").GetProperty("authorization").GetString()!;
        Assert.Equal(["buyer"], new JsonWebToken(seen["Bearer ".Length..]).Claims.Where(c => c.Type == "role").Select(c => c.Value));
    }

    [Fact]
    public async Task a_new_key_is_accepted_without_restart_and_the_one_before_no_more()
    {
        var (before, another) = (await provider.AccessTokenAsync("rose", Audience), await provider.AccessTokenAsync("rose", Audience));
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/api/auth/me", before)).Status);
        await provider.StartAsync(gateway.Http.BaseAddress!, accounts, "second");
        var after = await provider.AccessTokenAsync("rose", Audience);
        Assert.Equal("second", new JsonWebToken(after).Kid);

        // Keys are read again every five seconds at most.
        for (var i = 0; i < 100 && (await gateway.GetAsync("/api/auth/me", after)).Status != HttpStatusCode.OK; i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/api/auth/me", after)).Status);
        await RefusedAsync(another);
    }

    [Fact]
    public async Task a_closed_account_is_closed_for_tokens_of_the_provider_too()
    {
        var token = await provider.AccessTokenAsync("rose", Audience);
        Assert.Equal(HttpStatusCode.NoContent, (await gateway.PostAsync($"/api/auth/staff/{rose}/disable", null, gateway.Identity.Staff("admin"))).Status);
        Assert.Equal("account-disabled", (await gateway.GetAsync("/api/catalog/packs", token)).Problem);
    }

    private static string Unsigned(string token, string algorithm) =>
        Base64UrlEncoder.Encode($$"""{"alg":"{{algorithm}}","typ":"at+jwt","kid":"first"}""") + "." + token.Split('.')[1];

    /// <summary>The provider's public key as everybody can read it.</summary>
    private async Task<string> PublicKeyAsync()
    {
        using var http = new HttpClient();
        var key = (await http.GetFromJsonAsync<JsonElement>(provider.Issuer + "/jwks")).GetProperty("keys")[0];
        byte[] Bytes(string name) => Base64UrlEncoder.DecodeBytes(key.GetProperty(name).GetString());
        using var rsa = RSA.Create(new RSAParameters { Modulus = Bytes("n"), Exponent = Bytes("e") });
        return rsa.ExportSubjectPublicKeyInfoPem();
    }

    private async Task RefusedAsync(string token)
    {
        foreach (var path in new[] { "/api/auth/me", "/api/catalog/packs" })
        {
            var answer = await gateway.GetAsync(path, token);
            Assert.Equal((HttpStatusCode.Unauthorized, "not-signed-in"), (answer.Status, answer.Problem));
        }
    }
}
