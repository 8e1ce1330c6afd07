using System.Security.Claims;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>The provider cannot be reached, or does not answer as the standard says.</summary>
public sealed class ProviderException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// What the provider publishes of itself, its keys among it, and the verification of what it signed. It is read again
/// every ten minutes, and at once (every five seconds at most) when something is signed with a key that is not known. A key
/// that it no longer publishes is accepted no more. (The library's own ConfigurationManager reads again in the background,
/// which would refuse the first token of a new key, and goes on accepting the keys before.)
/// </summary>
public sealed class Provider(OpenIdSettings settings, IHttpClientFactory clients) : IDisposable
{
    /// <summary>For <see cref="IHttpClientFactory"/>: calls to the provider.</summary>
    public const string Client = "openid";

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(30);

    /// <summary>Public keys only: neither none nor a secret that others know signs anything.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };
    private readonly SemaphoreSlim reading = new(1);
    private Metadata? known;

    private sealed record Metadata(OpenIdConnectConfiguration Configuration, DateTimeOffset At);

    /// <summary>The settings it was made with.</summary>
    public OpenIdSettings Settings => settings;

    /// <summary>What it publishes.</summary>
    /// <exception cref="ProviderException">It was never read, and cannot be now.</exception>
    public async Task<OpenIdConnectConfiguration> ConfigurationAsync(CancellationToken ct) =>
        known is { } present && TimeProvider.System.GetUtcNow() < present.At + Fresh ? present.Configuration : await ReadAsync(Fresh, ct);

    /// <summary>The claims of an id_token for us, once signature, issuer, audience and lifetime are right; null when one is not.</summary>
    public Task<JsonWebToken?> IdTokenAsync(string token, CancellationToken ct) => ValidateAsync(token, settings.ClientId, type => type is null or "" or "JWT", ct);

    /// <summary>The same for a signed answer of the userinfo endpoint, which has no end.</summary>
    public Task<JsonWebToken?> UserInfoAsync(string token, CancellationToken ct) => ValidateAsync(token, settings.ClientId, type => type is null or "" or "JWT", ct, expires: false);

    /// <summary>The same for an access token for the API.</summary>
    public Task<JsonWebToken?> AccessTokenAsync(string token, CancellationToken ct) =>
        ValidateAsync(token, settings.Audience, type => type is not null && settings.TokenTypes.Contains(type.Replace("application/", "", StringComparison.OrdinalIgnoreCase), StringComparer.OrdinalIgnoreCase), ct);

    /// <summary>A token's claims as JSON.</summary>
    public static Dictionary<string, JsonElement> Claims(JsonWebToken token) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(Base64UrlEncoder.DecodeBytes(token.EncodedPayload))!;

    /// <inheritdoc />
    public void Dispose() => reading.Dispose();

    private async Task<JsonWebToken?> ValidateAsync(string token, string audience, Func<string?, bool> isType, CancellationToken ct, bool expires = true)
    {
        var configuration = await ConfigurationAsync(ct);
        var result = await handler.ValidateTokenAsync(token, Parameters(configuration, audience, isType, expires));
        if (result is { IsValid: false, Exception: SecurityTokenSignatureKeyNotFoundException } && await ReadAsync(Rest, ct) is var newer && newer != configuration)
        {
            result = await handler.ValidateTokenAsync(token, Parameters(newer, audience, isType, expires));
        }

        return result.IsValid ? (JsonWebToken)result.SecurityToken : null;
    }

    private TokenValidationParameters Parameters(OpenIdConnectConfiguration configuration, string audience, Func<string?, bool> isType, bool expires) => new()
    {
        ValidIssuer = settings.Issuer,
        ValidAudience = audience,
        IssuerSigningKeys = configuration.SigningKeys,
        ValidAlgorithms = Algorithms,
        RequireExpirationTime = expires,
        ClockSkew = Skew,
        TypeValidator = (type, _, _) => isType(type) ? type : throw new SecurityTokenInvalidTypeException($"A token of type '{type}' is none of these."),
    };

    /// <summary>Reads again, unless somebody did within <paramref name="age"/>; what was read before stands when the provider is away.</summary>
    private async Task<OpenIdConnectConfiguration> ReadAsync(TimeSpan age, CancellationToken ct)
    {
        await reading.WaitAsync(ct);
        try
        {
            var now = TimeProvider.System.GetUtcNow();
            if (known is { } present && now < present.At + age)
            {
                return present.Configuration;
            }

            try
            {
                known = new Metadata(await FetchAsync(ct), now);
            }
            catch (ProviderException) when (known is { } before)
            {
                known = before with { At = now - Fresh + Rest };
            }

            return known.Configuration;
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task<OpenIdConnectConfiguration> FetchAsync(CancellationToken ct)
    {
        using var http = clients.CreateClient(Client);
        var documents = new HttpDocumentRetriever(http) { RequireHttps = settings.Issuer.StartsWith("https:", StringComparison.Ordinal), SendAdditionalHeaderData = false };
        OpenIdConnectConfiguration read;
        try
        {
            read = await OpenIdConnectConfigurationRetriever.GetAsync($"{settings.Issuer.TrimEnd('/')}/.well-known/openid-configuration", documents, ct);
        }
        catch (Exception e) when (e is IOException or ArgumentException or InvalidOperationException or JsonException or SecurityTokenException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new ProviderException("The provider's configuration cannot be read.", e);
        }

        var used = new[] { read.AuthorizationEndpoint, read.TokenEndpoint, read.JwksUri, read.UserInfoEndpoint ?? settings.Issuer, read.EndSessionEndpoint ?? settings.Issuer };
        return read.Issuer == settings.Issuer && used.All(a => OpenIdSettings.IsSafe(a, out _))
            ? read
            : throw new ProviderException($"The provider calls itself {read.Issuer}, or publishes addresses without https.");
    }
}
