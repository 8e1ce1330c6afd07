using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Platform.Identity;

/// <summary>Verification of the gateway's short-lived tokens; every service does it itself, nothing trusts the network.</summary>
public static class Tokens
{
    /// <summary><c>iss</c> and <c>aud</c> of the gateway's tokens.</summary>
    public const string Issuer = "marketplace";

    /// <summary>
    /// Verifies RS256 tokens against <c>Identity:PublicKey</c> (base64 of the SubjectPublicKeyInfo; several keys,
    /// separated by commas, while a key is rotated). Lifetimes are measured on the system's clock, never on the local
    /// run's movable one: a token is as old as it really is.
    /// </summary>
    public static void AddTokenVerification(this IServiceCollection services, IConfiguration configuration)
    {
        var keys = (configuration["Identity:PublicKey"] ?? throw new InvalidOperationException("Identity:PublicKey is not configured."))
            .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(PublicKey)
            .ToList();
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.TokenHandlers.Clear();
            options.TokenHandlers.Add(new RememberingTokenHandler { MapInboundClaims = false });
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidIssuer = Issuer,
                ValidAudience = Issuer,
                IssuerSigningKeys = keys,
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                ClockSkew = TimeSpan.FromSeconds(30),
                NameClaimType = ClaimNames.Subject,
                RoleClaimType = ClaimNames.Role,
            };
        });
        services.AddAuthorization();
        services.AddSingleton<IAuthorizationMiddlewareResultHandler, Requests.AuthorizationProblems>();
        services.AddHttpContextAccessor();
        services.AddScoped<Caller>();
    }

    /// <summary>Only signed-in users who hold one of the roles (any user when none is named).</summary>
    public static TBuilder RequireRole<TBuilder>(this TBuilder endpoint, params string[] roles)
        where TBuilder : IEndpointConventionBuilder =>
        endpoint.RequireAuthorization(policy =>
        {
            policy.RequireAuthenticatedUser();
            if (roles.Length > 0)
            {
                policy.RequireRole(roles);
            }
        });

    private static RsaSecurityKey PublicKey(string text)
    {
        var rsa = RSA.Create();
        rsa.ImportSubjectPublicKeyInfo(Convert.FromBase64String(text), out _);
        return new RsaSecurityKey(rsa) { KeyId = KeyId(rsa) };
    }

    /// <summary>The <c>kid</c> of a key: the start of the SHA-256 of its public part.</summary>
    public static string KeyId(RSA key) => Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()))[..16];

    /// <summary>
    /// Remembers tokens it has verified until they end, so that a signature is verified once per token and service and
    /// not once per request.
    /// </summary>
    private sealed class RememberingTokenHandler : JsonWebTokenHandler
    {
        private const int Most = 20_000;
        private readonly ConcurrentDictionary<string, TokenValidationResult> verified = new();

        public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
        {
            if (verified.TryGetValue(token, out var known) && known.SecurityToken.ValidTo > TimeProvider.System.GetUtcNow().UtcDateTime)
            {
                return known;
            }

            var result = await base.ValidateTokenAsync(token, validationParameters);
            if (result.IsValid)
            {
                if (verified.Count >= Most)
                {
                    verified.Clear();
                }

                verified[token] = result;
            }

            return result;
        }
    }
}
