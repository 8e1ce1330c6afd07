using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Marketplace.LocalPostgres;

namespace Marketplace.Testing;

/// <summary>The certified <c>oidc-provider</c> from npm, on a free port of this machine.</summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    /// <summary>The marketplace there.</summary>
    public const string ClientId = "marketplace";

    /// <summary>Its secret there.</summary>
    public const string ClientSecret = "secret-of-the-marketplace-at-the-provider";

    private static readonly NodeFolder Node = new("OpenId");
    private readonly HttpClient http = new();
    private readonly int port;
    private Process? process;

    /// <summary>A provider that is not started yet: the gateway is told of it first.</summary>
    public OpenIdProvider()
    {
        port = PostgresServer.FreePort();
        http.BaseAddress = new Uri(Issuer);
    }

    /// <summary>Its address and its name of itself.</summary>
    public string Issuer => $"http://127.0.0.1:{port}";

    /// <summary>The gateway's settings for it.</summary>
    public Dictionary<string, string> Settings => new()
    {
        ["OpenIdConnect__Authority"] = Issuer,
        ["OpenIdConnect__ClientId"] = ClientId,
        ["OpenIdConnect__ClientSecret"] = ClientSecret,
        ["OpenIdConnect__Scopes"] = "openid given_name usual_name email siret organization_label roles",
        ["OpenIdConnect__Label"] = "ProConnect",
        ["OpenIdConnect__TrustEmail"] = "true",
        ["OpenIdConnect__Roles"] = "acheteurs=buyer,direction=admin",
        ["OpenIdConnect__Audience"] = "https://api.ville.example",
    };

    /// <summary>Starts it; a second time, with another key under the name <paramref name="kid"/>: the one before is gone.</summary>
    /// <param name="gateway">Whose client the marketplace is.</param>
    /// <param name="accounts">Claims by login name.</param>
    /// <param name="kid">Name of the new signing key.</param>
    public async Task StartAsync(Uri gateway, object accounts, string kid = "first")
    {
        await StopAsync();
        var settings = JsonSerializer.Serialize(new { redirectUri = new Uri(gateway, "/connexion/openid/retour"), afterSignOut = new Uri(gateway, "/deconnexion"), accounts, kid });
        process = await Node.ServeAsync("provider.mjs", $"{port}", settings);
    }

    /// <summary>An access token as it issues them for an API.</summary>
    public Task<string> AccessTokenAsync(string login, string audience) => PostAsync("/test/token", new { sub = login, audience });

    /// <summary>Anything, signed with its key.</summary>
    public Task<string> SignedAsync(object header, object claims) => PostAsync("/test/signed", new { header, claims });

    /// <summary>The addresses that browsers and the gateway asked for.</summary>
    public async Task<string[]> AskedAsync() => JsonSerializer.Deserialize<string[]>(await PostAsync("/test/asked", new { }))!;

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        http.Dispose();
    }

    private async Task<string> PostAsync(string path, object body)
    {
        using var answer = await http.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? text : throw new InvalidOperationException(text);
    }

    private async Task StopAsync()
    {
        if (process is not null)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
            process = null;
        }
    }
}
