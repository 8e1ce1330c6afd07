using System.Security.Claims;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Marketplace.Portal.Accounts;

/// <summary>
/// A session that began by the provider's word ends there as well. The form that ends it here may not lead to another site
/// (the policy of our pages forbids it), so a page of ours comes in between and the browser goes on from there.
/// </summary>
public static class SignOutAtProvider
{
    /// <summary>The cookie that says which session has just ended.</summary>
    public const string Cookie = "sign-out";

    /// <summary>From where the provider is asked to end its own session.</summary>
    public const string Path = "/connexion/openid/fin";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Where the reader is led whose session ends now.</summary>
    public static string Next(HttpContext context, StepCookie steps)
    {
        if (!context.User.HasClaim("idp", "openid") || context.User.FindFirstValue(JwtRegisteredClaimNames.Jti) is not { } id)
        {
            return "/deconnexion";
        }

        steps.Set(context, Cookie, id, Patience);
        return "/deconnexion?suite=fournisseur";
    }
}
