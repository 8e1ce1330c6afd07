using System.Buffers.Text;
using System.IdentityModel.Tokens.Jwt;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>What the browser keeps between leaving for the provider and coming back.</summary>
/// <param name="State">Ties the answer to this browser.</param>
/// <param name="Nonce">Ties the id_token to this sign-in.</param>
/// <param name="Verifier">PKCE (RFC 7636): who redeems the code is who asked for it.</param>
/// <param name="RedirectUri">Where the provider was told to send the browser.</param>
/// <param name="Return">The page that was wanted; null for none.</param>
public sealed record Departure(string State, string Nonce, string Verifier, string RedirectUri, string? Return);

/// <summary>What the provider told, and its id_token.</summary>
public sealed record Told(ExternalIdentity Identity, string IdToken);

/// <summary>
/// The authorization code flow of OpenID Connect Core 1.0 §3.1 with PKCE (S256). Only parameters of the standard and those
/// that are configured are sent: ProConnect refuses any other.
/// </summary>
public sealed class CodeFlow(Provider provider, IHttpClientFactory clients)
{
    private readonly OpenIdConnectProtocolValidator protocol = new() { RequireStateValidation = false, NonceLifetime = TimeSpan.FromMinutes(20) };

    private OpenIdSettings Settings => provider.Settings;

    /// <summary>A new sign-in; <paramref name="redirectUri"/> is registered at the provider.</summary>
    public Departure Begin(string redirectUri, string? back) => new(Random(), protocol.GenerateNonce(), Random(), redirectUri, back);

    /// <summary>Where the browser goes.</summary>
    /// <exception cref="ProviderException">The provider's configuration cannot be read.</exception>
    public async Task<string> AddressAsync(Departure departure, CancellationToken ct)
    {
        var configuration = await provider.ConfigurationAsync(ct);
        var parameters = new Dictionary<string, string?>
        {
            ["response_type"] = "code",
            ["client_id"] = Settings.ClientId,
            ["redirect_uri"] = departure.RedirectUri,
            ["scope"] = Settings.Scopes,
            ["state"] = departure.State,
            ["nonce"] = departure.Nonce,
            ["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(departure.Verifier))),
            ["code_challenge_method"] = "S256",
            ["acr_values"] = Settings.AcrValues,
            ["claims"] = Settings.ClaimsRequest,
            ["idp_hint"] = Settings.IdpHint,
        };
        return With(configuration.AuthorizationEndpoint, parameters);
    }

    /// <summary>An address with the parameters that have a value.</summary>
    public static string With(string address, Dictionary<string, string?> parameters) =>
        Microsoft.AspNetCore.WebUtilities.QueryHelpers.AddQueryString(address, parameters.Where(p => p.Value is { Length: > 0 }));

    /// <summary>Redeems the code and reads who it is.</summary>
    /// <returns>Null when the code is refused, or something about the answer is not right.</returns>
    /// <exception cref="ProviderException">The provider cannot be reached, or does not speak the standard.</exception>
    public async Task<Told?> FinishAsync(Departure departure, string code, CancellationToken ct)
    {
        var configuration = await provider.ConfigurationAsync(ct);
        using var http = clients.CreateClient(Provider.Client);
        using var redeem = Redeem(configuration, departure, code);
        if (await SendAsync(http, redeem, ct) is not { } answer || Parse(answer.Text) is not { IdToken.Length: > 0, AccessToken.Length: > 0 } tokens
            || await provider.IdTokenAsync(tokens.IdToken, ct) is not { } idToken || !IsOurs(idToken))
        {
            return null;
        }

        var context = new OpenIdConnectProtocolValidationContext { ClientId = Settings.ClientId, Nonce = departure.Nonce, ProtocolMessage = tokens, ValidatedIdToken = new JwtSecurityToken(tokens.IdToken) };
        try
        {
            protocol.ValidateTokenResponse(context);
        }
        catch (OpenIdConnectProtocolException)
        {
            return null;
        }

        var claims = Provider.Claims(idToken);
        if (configuration.UserInfoEndpoint is { Length: > 0 } endpoint)
        {
            if (await UserInfoAsync(http, endpoint, tokens.AccessToken, ct) is not { } told || !told.TryGetValue("sub", out var subject) || subject.ToString() != idToken.Subject)
            {
                return null;
            }

            // How somebody signed in is said by the id_token alone; who it is, by both, and the newer word counts.
            foreach (var (name, value) in told.Where(c => c.Key is not ("acr" or "amr" or "auth_time")))
            {
                claims[name] = value;
            }
        }

        return ExternalIdentity.Read(Settings, claims) is { } identity ? new Told(identity, tokens.IdToken) : null;
    }

    /// <summary>A token for several audiences, or made for somebody else, is for us only when it says so (Core §3.1.3.7).</summary>
    private bool IsOurs(JsonWebToken token) =>
        token.TryGetPayloadValue<string>("azp", out var party) ? party == Settings.ClientId : token.Audiences.Count() == 1;

    private HttpRequestMessage Redeem(OpenIdConnectConfiguration configuration, Departure departure, string code)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = departure.RedirectUri, ["code_verifier"] = departure.Verifier };
        var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        if (Settings.ClientSecret.Length > 0 && IsBasic(configuration))
        {
            var pair = $"{Uri.EscapeDataString(Settings.ClientId)}:{Uri.EscapeDataString(Settings.ClientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            form["client_id"] = Settings.ClientId;
            if (Settings.ClientSecret.Length > 0)
            {
                form["client_secret"] = Settings.ClientSecret;
            }
        }

        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private bool IsBasic(OpenIdConnectConfiguration configuration) => Settings.ClientAuthentication.Length > 0
        ? Settings.ClientAuthentication == "client_secret_basic"
        : !configuration.TokenEndpointAuthMethodsSupported.Contains("client_secret_post");

    private async Task<Dictionary<string, JsonElement>?> UserInfoAsync(HttpClient http, string endpoint, string accessToken, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        if (await SendAsync(http, request, ct) is not { } answer)
        {
            return null;
        }

        if (answer.Type == "application/jwt")
        {
            return await provider.UserInfoAsync(answer.Text.Trim(), ct) is { } signed ? Provider.Claims(signed) : null;
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(answer.Text);
        }
        catch (JsonException e)
        {
            throw new ProviderException("The provider's userinfo is neither JSON nor a signed token.", e);
        }
    }

    private static OpenIdConnectMessage? Parse(string json)
    {
        try
        {
            return new OpenIdConnectMessage(json);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            throw new ProviderException("The provider's token endpoint does not answer in JSON.", e);
        }
    }

    /// <summary>Null when the provider refuses (4xx).</summary>
    private static async Task<(string Text, string? Type)?> SendAsync(HttpClient http, HttpRequestMessage request, CancellationToken ct)
    {
        try
        {
            request.Headers.Accept.ParseAdd("application/json, application/jwt");
            using var response = await http.SendAsync(request, ct);
            return (int)response.StatusCode switch
            {
                200 => (await response.Content.ReadAsStringAsync(ct), response.Content.Headers.ContentType?.MediaType),
                >= 400 and < 500 => null,
                var status => throw new ProviderException($"The provider answered {status}."),
            };
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ProviderException("The provider does not answer.", e);
        }
    }

    private static string Random() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
}
