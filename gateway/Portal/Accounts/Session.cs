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
    private static readonly string[] Kept =
        [ClaimNames.Subject, ClaimNames.Role, ClaimNames.OrganisationId, ClaimNames.OrganisationName, ClaimNames.Siret, JwtRegisteredClaimNames.Jti, "idp"];

    /// <summary>Begins a session with a token that the API just gave; it ends with the token.</summary>
    public static async Task BeginAsync(HttpContext context, string accessToken, int expiresInSeconds, string displayName)
    {
        var claims = new JsonWebToken(accessToken).Claims.Where(c => Kept.Contains(c.Type)).Append(new Claim(ClaimTypes.Name, displayName));
        var properties = new AuthenticationProperties { IsPersistent = false, ExpiresUtc = TimeProvider.System.GetUtcNow().AddSeconds(expiresInSeconds) };
        properties.StoreTokens([new AuthenticationToken { Name = MarketplaceApi.AccessToken, Value = accessToken }]);
        await context.SignInAsync(PortalSetup.Cookie, new ClaimsPrincipal(new ClaimsIdentity(claims, PortalSetup.Cookie, ClaimTypes.Name, ClaimNames.Role)), properties);
    }

    /// <summary>True for a token that opens nothing but the user's own account, until a second factor is set up.</summary>
    public static bool MustEnrol(string accessToken) => new JsonWebToken(accessToken).Claims.Any(c => c is { Type: "two_factor", Value: "required" });

    /// <summary>Goes on with the same session under another name.</summary>
    public static async Task RenameAsync(HttpContext context, string displayName)
    {
        var token = (await context.GetTokenAsync(PortalSetup.Cookie, MarketplaceApi.AccessToken))!;
        await BeginAsync(context, token, (int)(new JsonWebToken(token).ValidTo - TimeProvider.System.GetUtcNow().UtcDateTime).TotalSeconds, displayName);
    }

    /// <summary>Ends it: here, and for whoever may have copied the cookie.</summary>
    public static async Task EndAsync(HttpContext context, MarketplaceApi api)
    {
        if (context.User.FindFirstValue(JwtRegisteredClaimNames.Jti) is { } id)
        {
            await api.DeleteAsync<object>($"/api/auth/sessions/{id}");
        }

        await context.SignOutAsync(PortalSetup.Cookie);
    }
}
