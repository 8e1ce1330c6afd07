using System.Security.Claims;
using Marketplace.Platform.Identity;
using Marketplace.Portal.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Marketplace.Portal.Accounts;

/// <summary>The reader's session: a cookie that only the server can read, which holds the access token and what pages show of the user.</summary>
public static class Session
{
    private static readonly string[] Kept = [ClaimNames.Subject, ClaimNames.Role, ClaimNames.OrganisationId, ClaimNames.OrganisationName, ClaimNames.Siret];

    /// <summary>Begins a session with a token that the API just gave; it ends with the token.</summary>
    public static async Task BeginAsync(HttpContext context, string accessToken, int expiresInSeconds, string displayName)
    {
        var claims = new JsonWebToken(accessToken).Claims.Where(c => Kept.Contains(c.Type)).Append(new Claim(ClaimTypes.Name, displayName));
        var properties = new AuthenticationProperties { IsPersistent = false, ExpiresUtc = TimeProvider.System.GetUtcNow().AddSeconds(expiresInSeconds) };
        properties.StoreTokens([new AuthenticationToken { Name = MarketplaceApi.AccessToken, Value = accessToken }]);
        await context.SignInAsync(PortalSetup.Cookie, new ClaimsPrincipal(new ClaimsIdentity(claims, PortalSetup.Cookie, ClaimTypes.Name, ClaimNames.Role)), properties);
    }

    /// <summary>Ends it.</summary>
    public static Task EndAsync(HttpContext context) => context.SignOutAsync(PortalSetup.Cookie);
}
