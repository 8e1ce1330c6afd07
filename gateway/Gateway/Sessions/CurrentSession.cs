using Microsoft.IdentityModel.JsonWebTokens;

namespace Marketplace.Gateway.Sessions;

/// <summary>The session that the request's token belongs to.</summary>
public static class CurrentSession
{
    /// <summary>Its id; null when the token was not made by a sign-in here.</summary>
    public static Guid? Id(this HttpContext context) => Guid.TryParse(context.User.FindFirst(JwtRegisteredClaimNames.Jti)?.Value, out var id) ? id : null;
}
