using System.Web;
using Marketplace.Gateway.Tokens;
using Marketplace.Testing;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Marketplace.Gateway.Tests.OpenIdConnect;

/// <summary>A gateway that trusts a provider which does as the tests say.</summary>
[CollectionDefinition(nameof(ProviderFixture))]
public sealed class ProviderFixture(TestPostgres postgres) : IAsyncLifetime, ICollectionFixture<ProviderFixture>
{
    private readonly HttpClient browser = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public ServiceProcess Gateway { get; private set; } = null!;

    public FaultyProvider Provider { get; private set; } = null!;

    public string Issuer => Provider.Address + "/town";

    public async ValueTask InitializeAsync()
    {
        Provider = await FaultyProvider.StartAsync();
        Gateway = await StartAsync([]);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Provider.DisposeAsync();
        browser.Dispose();
    }

    /// <summary>Another gateway, on its own database.</summary>
    public async Task<ServiceProcess> StartAsync(Dictionary<string, string> settings)
    {
        var identity = new TestIdentity();
        foreach (var (name, value) in new Dictionary<string, string>
        {
            ["Identity__PrivateKey"] = identity.PrivateKey,
            ["OpenIdConnect__Authority"] = Issuer,
            ["OpenIdConnect__ClientId"] = "client",
            ["OpenIdConnect__ClientSecret"] = FaultyProvider.Secret,
            ["OpenIdConnect__Roles"] = "acheteurs=buyer,direction=admin,direction=finance",
            ["OpenIdConnect__MultiFactorAcr"] = "eidas2",
            ["OpenIdConnect__Audience"] = "https://api.ville.example",
            ["MARKETPLACE_ADMIN_EMAIL"] = GatewayFixture.AdminEmail,
            ["MARKETPLACE_ADMIN_PASSWORD"] = GatewayFixture.AdminPassword,
        })
        {
            settings.TryAdd(name, value);
        }

        return await ServiceProcess.StartAsync("gateway/Gateway", await postgres.NewDatabaseAsync(), identity, settings);
    }

    /// <summary>The claims of somebody new whom nothing is wrong with.</summary>
    public Dictionary<string, object?> Claims(string? subject = null, string? email = null, string? siret = null, params string[] roles) => new()
    {
        ["iss"] = Issuer,
        ["aud"] = "client",
        ["sub"] = subject ?? Guid.NewGuid().ToString(),
        ["exp"] = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds(),
        ["iat"] = DateTimeOffset.UtcNow.ToUnixTimeSeconds(),
        ["email"] = email ?? GatewayFixture.NewEmail(),
        ["email_verified"] = true,
        ["given_name"] = "Awa",
        ["family_name"] = "Diop",
        ["siret"] = siret,
        ["roles"] = roles,
    };

    /// <summary>The provider tells these claims with the right nonce.</summary>
    public Says Tells(Dictionary<string, object?> claims) => new(nonce => Provider.Sign(new(claims) { ["nonce"] = nonce }), UserInfo: System.Text.Json.JsonSerializer.Serialize(new { sub = claims["sub"] }));

    /// <summary>A browser leaves for the provider: its cookie, and what the address says.</summary>
    public async Task<(string Cookie, System.Collections.Specialized.NameValueCollection Query)> LeaveAsync(string back = "", ServiceProcess? gateway = null)
    {
        using var answer = await browser.GetAsync(new Uri((gateway ?? Gateway).Http.BaseAddress!, $"/connexion/openid{(back.Length == 0 ? "" : "?retour=" + Uri.EscapeDataString(back))}"));
        Assert.StartsWith(Issuer + "/authorize?", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
        return (answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0], HttpUtility.ParseQueryString(answer.Headers.Location.Query));
    }

    /// <summary>A browser leaves, the provider says so, and the browser comes back: where it is led, and its cookies.</summary>
    public async Task<Arrival> SignInAsync(Says says, string back = "", ServiceProcess? gateway = null)
    {
        var (cookie, query) = await LeaveAsync(back, gateway);
        return await ReturnAsync(cookie, $"code={Provider.Code(says, query["nonce"]!, query["code_challenge"]!)}&state={query["state"]}", gateway);
    }

    /// <summary>A browser comes back with that cookie and query.</summary>
    public async Task<Arrival> ReturnAsync(string? cookie, string query, ServiceProcess? gateway = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri((gateway ?? Gateway).Http.BaseAddress!, $"/connexion/openid/retour?{query}"));
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        using var answer = await browser.SendAsync(request);
        Assert.Equal(302, (int)answer.StatusCode);
        var cookies = answer.Headers.TryGetValues("Set-Cookie", out var set) ? set.Select(c => c.Split(';')[0]).ToArray() : [];
        return new Arrival(answer.Headers.Location!.OriginalString, cookies.SingleOrDefault(c => c.StartsWith("session=", StringComparison.Ordinal)), cookies.SingleOrDefault(c => c.StartsWith("ticket=", StringComparison.Ordinal)));
    }

    /// <summary>The ticket that the gateway sealed into a cookie, opened with the keys of its database.</summary>
    public string Open(string cookie)
    {
        using var source = NpgsqlDataSource.Create(Gateway.ConnectionString);
        var services = new ServiceCollection();
        services.AddDataProtection().SetApplicationName("gateway");
        services.AddSingleton<IConfigureOptions<KeyManagementOptions>>(new DataProtectionKeys(source));
        using var built = services.BuildServiceProvider();
        return built.GetRequiredService<IDataProtectionProvider>().CreateProtector("step ticket").ToTimeLimitedDataProtector().Unprotect(cookie.Split('=', 2)[1]);
    }

    /// <summary>The status of a page for who has the cookie.</summary>
    public async Task<int> PageAsync(string path, string cookie, ServiceProcess? gateway = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri((gateway ?? Gateway).Http.BaseAddress!, path));
        request.Headers.Add("Cookie", cookie);
        using var answer = await browser.SendAsync(request);
        return (int)answer.StatusCode;
    }
}

/// <summary>Where a browser is led that comes back from the provider.</summary>
/// <param name="To">The address.</param>
/// <param name="Session">The cookie of a session that began.</param>
/// <param name="Ticket">The cookie of a sign-in that waits.</param>
public sealed record Arrival(string To, string? Session, string? Ticket);
