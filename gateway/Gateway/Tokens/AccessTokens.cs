using System.Security.Claims;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Identity;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Marketplace.Gateway.Tokens;

/// <summary>The answer to a sign-in.</summary>
/// <param name="Token">Sent as <c>Authorization: Bearer</c>.</param>
/// <param name="TokenType">Always <c>Bearer</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
public sealed record AccessToken([property: System.Text.Json.Serialization.JsonPropertyName("accessToken")] string Token, string TokenType, int ExpiresIn);

/// <summary>
/// Signs the tokens that every service verifies itself. They live by the system's clock, never by the local run's
/// movable one, as verification does.
/// </summary>
public sealed class AccessTokens(SigningKey key)
{
    /// <summary>How long a token, and so a session, lives.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(8);

    /// <summary>A claim with the value <c>required</c>: this token opens nothing but the holder's own account, until a second factor is set up.</summary>
    public const string TwoFactor = "two_factor";

    /// <summary>A claim with the value <c>openid</c>: the session began by the provider's word, and ends there as well.</summary>
    public const string Provider = "idp";

    private readonly JsonWebTokenHandler handler = new() { SetDefaultTimesOnTokenCreation = false };

    private readonly Lazy<string> header = new(() => new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken("{}", key.Credentials).Split('.')[0] + ".");

    /// <summary>A token of the account; a user of an organisation carries what services need to know of it.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="organisation">The account's, if it has one.</param>
    /// <param name="sessionId">The session that begins with it; null for a token that only stands for the provider's own.</param>
    /// <param name="now">By the system's clock.</param>
    /// <param name="mustEnrol">Staff that still has to set up its second factor.</param>
    /// <param name="byProvider">The holder was recognised by the provider.</param>
    /// <param name="lifetime">Without it, <see cref="Lifetime"/>.</param>
    public AccessToken Issue(Account account, Organisation? organisation, Guid? sessionId, DateTime now, bool mustEnrol, bool byProvider = false, TimeSpan? lifetime = null)
    {
        List<Claim> claims = [.. Claims(account, organisation)];
        if (sessionId is not null)
        {
            claims.Add(new(JwtRegisteredClaimNames.Jti, $"{sessionId}"));
        }

        if (mustEnrol)
        {
            claims.Add(new(TwoFactor, "required"));
        }

        if (byProvider)
        {
            claims.Add(new(Provider, "openid"));
        }

        var lives = lifetime ?? Lifetime;
        var token = handler.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = Platform.Identity.Tokens.Issuer,
            Audience = Platform.Identity.Tokens.Issuer,
            Subject = new ClaimsIdentity(claims),
            IssuedAt = now,
            NotBefore = now,
            Expires = now + lives,
            SigningCredentials = key.Credentials,
        });
        return new AccessToken(token, "Bearer", (int)lives.TotalSeconds);
    }

    /// <summary>True for a token that begins as every one of ours does: with the same algorithm and key. It may still be a forgery.</summary>
    public bool HasOurHeader(string token) => token.StartsWith(header.Value, StringComparison.Ordinal);

    private static IEnumerable<Claim> Claims(Account account, Organisation? organisation)
    {
        yield return new(ClaimNames.Subject, account.Id.ToString());
        foreach (var role in account.Roles)
        {
            yield return new(ClaimNames.Role, role);
        }

        if (organisation is null)
        {
            yield break;
        }

        yield return new(ClaimNames.OrganisationId, organisation.Id.ToString());
        yield return new(ClaimNames.OrganisationName, organisation.Name);
        yield return new(ClaimNames.Siret, organisation.Siret);
        yield return new(ClaimNames.Departement, organisation.Departement);
        if (organisation.Headcount is { } headcount)
        {
            yield return new(ClaimNames.Headcount, $"{headcount}", ClaimValueTypes.Integer32);
        }

        if (organisation.TurnoverCents is { } turnover)
        {
            yield return new(ClaimNames.TurnoverCents, $"{turnover}", ClaimValueTypes.Integer64);
        }

        if (organisation is { Kind: OrganisationKind.Provider, Iban: { } iban })
        {
            yield return new(ClaimNames.Iban, iban);
        }
    }
}
