using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Gateway.Tests.OpenIdConnect;

/// <summary>What the provider says when a code is redeemed.</summary>
/// <param name="IdToken">The id_token, by the nonce of the sign-in.</param>
/// <param name="UserInfo">The body of the userinfo endpoint.</param>
/// <param name="UserInfoType">Its media type.</param>
/// <param name="Status">Of the token endpoint.</param>
public sealed record Says(Func<string, string> IdToken, string UserInfo = "{}", string UserInfoType = "application/json", int Status = 200);

/// <summary>
/// A provider that does as each test says, wrong things too: a code is worth what was said for it, by whoever keeps to PKCE.
/// </summary>
public sealed class FaultyProvider : IAsyncDisposable
{
    public const string Secret = "secret-of-the-client";

    private readonly WebApplication app;
    private readonly RSA key = RSA.Create(2048);
    private readonly ConcurrentDictionary<string, (Says Says, string Nonce, string Challenge)> codes = new();

    private FaultyProvider(WebApplication app) => this.app = app;

    public string Address => app.Urls.Single();

    public static async Task<FaultyProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var provider = new FaultyProvider(app);
        app.MapGet("/{tenant}/.well-known/openid-configuration", (string tenant) => provider.Configuration($"{provider.Address}/{tenant}", $"{provider.Address}/{(tenant == "liar" ? "other" : tenant)}"));
        app.MapGet("/keys", () => Results.Json(new { keys = new[] { JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(provider.key.ExportParameters(false)) { KeyId = "known" }) }.Select(k => new { k.Kty, k.N, k.E, k.Kid, use = "sig" }) }));
        app.MapPost("/token", (Delegate)provider.RedeemAsync);
        app.MapGet("/userinfo", (HttpContext context) => provider.codes.TryGetValue(context.Request.Headers.Authorization.ToString()["Bearer ".Length..], out var code)
            ? Results.Text(code.Says.UserInfo, code.Says.UserInfoType) : Results.Unauthorized());
        await app.StartAsync();
        return provider;
    }

    /// <summary>A code that is worth <paramref name="says"/> to the sign-in that was begun with nonce and challenge.</summary>
    public string Code(Says says, string nonce, string challenge)
    {
        var code = Guid.NewGuid().ToString("N");
        codes[code] = (says, nonce, challenge);
        return code;
    }

    /// <summary>A token with the provider's key, unless another way is told.</summary>
    public string Sign(Dictionary<string, object?> claims, string algorithm = "RS256", string? type = "JWT", string kid = "known", RSA? other = null)
    {
        var header = new Dictionary<string, object?> { ["alg"] = algorithm, ["typ"] = type, ["kid"] = kid }.Where(h => h.Value is not null).ToDictionary();
        var text = $"{Encode(header)}.{Encode(claims.Where(c => c.Value is not null).ToDictionary())}";
        return text + "." + algorithm switch
        {
            "none" => "",
            "HS256" => Base64UrlEncoder.Encode(HMACSHA256.HashData(kid == "secret" ? Encoding.UTF8.GetBytes(Secret) : Encoding.ASCII.GetBytes(key.ExportSubjectPublicKeyInfoPem()), Encoding.ASCII.GetBytes(text))),
            _ => Base64UrlEncoder.Encode((other ?? key).SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        key.Dispose();
    }

    private static string Encode(object value) => Base64UrlEncoder.Encode(JsonSerializer.SerializeToUtf8Bytes(value));

    private IResult Configuration(string tenant, string issuer) => Results.Json(new
    {
        issuer,
        authorization_endpoint = $"{tenant}/authorize",
        token_endpoint = $"{Address}/token",
        userinfo_endpoint = $"{Address}/userinfo",
        jwks_uri = $"{Address}/keys",
    });

    private async Task<IResult> RedeemAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        if (!codes.TryGetValue(form["code"].ToString(), out var code) || Base64UrlEncoder.Encode(SHA256.HashData(Encoding.ASCII.GetBytes(form["code_verifier"].ToString()))) != code.Challenge
            || context.Request.Headers.Authorization != "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"client:{Secret}")))
        {
            return Results.Json(new { error = "invalid_grant" }, statusCode: 400);
        }

        return code.Says.Status == 200
            ? Results.Json(new { access_token = form["code"].ToString(), token_type = "Bearer", expires_in = 60, id_token = code.Says.IdToken(code.Nonce) })
            : Results.StatusCode(code.Says.Status);
    }
}
