using System.Security.Cryptography;
using System.Text;
using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Tokens;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace Marketplace.Gateway.OpenIdConnect;

/// <summary>
/// Access tokens of the provider on the API. At the door each is verified and exchanged for a token of ours, of the linked
/// account and five minutes at most; services go on knowing ours alone. An exchange is remembered for a minute, so that long
/// a closed account or a lost role may still pass.
/// </summary>
public sealed class TokensOfProvider(Provider provider, AccessTokens tokens, SecondFactor second, NpgsqlDataSource source, IMemoryCache cache)
{
    private const int LongestToken = 16_384;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(1);
    private static readonly JsonWebTokenHandler Handler = new();

    private static readonly Problem NotValid = new(
        401, "not-signed-in", "You are not signed in.", "The provider's access token is not valid here: its signature, issuer, audience, type or lifetime is not right. Ask the provider for a new one.");

    private static readonly Problem NotLinked = new(
        403, "openid-not-linked", "This identity has no account here.", "Sign in by the provider on the sign-in page once; then its access tokens are accepted.");

    private static readonly Problem Away = new(503, "service-unavailable", "The identity provider cannot be reached at the moment.", "Try again in a few seconds.");

    /// <summary>In front of routing: whoever the request goes to sees a token of ours. Other tokens pass as they are.</summary>
    public static void Use(WebApplication app)
    {
        if (app.Services.GetService<OpenIdSettings>() is not { Audience.Length: > 0 })
        {
            return;
        }

        var exchange = app.Services.GetRequiredService<TokensOfProvider>();
        app.Use(async (context, next) =>
        {
            if (context.Request.Headers.Authorization is [{ Length: <= LongestToken } header] && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
                && context.Request.Path.StartsWithSegments("/api") && exchange.IsTheirs(header[7..].Trim()))
            {
                var (own, problem) = await exchange.ExchangeAsync(header[7..].Trim(), context.RequestAborted);
                if (problem is not null)
                {
                    context.Response.Headers.WWWAuthenticate = problem.Status == 401 ? "Bearer error=\"invalid_token\"" : default;
                    await ((Answer)problem).ExecuteAsync(context);
                    return;
                }

                context.Request.Headers.Authorization = $"Bearer {own}";
            }

            await next(context);
        });
    }

    /// <summary>By what it says itself, before anything is verified.</summary>
    private bool IsTheirs(string token) => !tokens.HasOurHeader(token) && Handler.CanReadToken(token) && IssuerOf(token) == provider.Settings.Issuer;

    private static string? IssuerOf(string token)
    {
        try
        {
            return new JsonWebToken(token).Issuer;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private async Task<(string? Own, Problem? Problem)> ExchangeAsync(string token, CancellationToken ct)
    {
        var key = (nameof(TokensOfProvider), Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token))));
        if (cache.TryGetValue<string>(key, out var known))
        {
            return (known, null);
        }

        try
        {
            if (await provider.AccessTokenAsync(token, ct) is not { } theirs || ExternalIdentity.Read(provider.Settings, Provider.Claims(theirs)) is not { } who)
            {
                return (null, NotValid);
            }

            var now = TimeProvider.System.GetUtcNow().UtcDateTime;
            var left = theirs.ValidTo - now;
            var (own, problem) = await OwnAsync(who, now, left > TimeSpan.FromSeconds(1) && left < Lifetime ? left : Lifetime, ct);
            return own is null ? (null, problem) : (cache.Set(key, own, left < Remembered && left > TimeSpan.Zero ? left : Remembered), null);
        }
        catch (ProviderException)
        {
            return (null, Away);
        }
    }

    private async Task<(string? Own, Problem? Problem)> OwnAsync(ExternalIdentity who, DateTime now, TimeSpan lifetime, CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        var id = await db.ExecuteScalarAsync<Guid?>("select account_id from external_identity where issuer = @Issuer and subject = @Subject", new { who.Issuer, who.Subject });
        if (await Credentials.OfIdAsync(db, id) is not { } account)
        {
            return (null, NotLinked);
        }

        var organisation = await db.QuerySingleOrDefaultAsync<Organisation>(
            "select id, kind, name, siret, headcount, turnover_cents, departement, iban from organisation where id = @OrganisationId", new { account.OrganisationId });
        if (Refuses(account, organisation, who) is { } refused)
        {
            return (null, Admit.Refusal(refused));
        }

        // What a token tells of roles is newer than the last sign-in, but gives none that was not given there.
        var roles = account.IsStaff && provider.Settings.Roles.Count > 0 && who.Roles is { } told ? account.Roles.Intersect(told).ToArray() : account.Roles;
        return (tokens.Issue(account.ToAccount() with { Roles = roles }, organisation, null, now, false, byProvider: true, lifetime).Token, null);
    }

    private Admission? Refuses(Credentials account, Organisation? organisation, ExternalIdentity who) =>
        account.DisabledAt is not null ? Admission.AccountDisabled
        : organisation is not null && who.Siret is { } siret && siret[..9] != organisation.Siret[..9] ? Admission.OtherOrganisation
        : (second.IsRequired(account) || account.TotpSecret is not null) && !who.IsMultiFactor ? Admission.SecondFactorMissing
        : null;
}
