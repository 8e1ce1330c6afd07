using Microsoft.Extensions.Configuration;

namespace Marketplace.Portal.Accounts;

/// <summary>The provider that readers may sign in by (<c>OpenIdConnect:*</c> of the gateway).</summary>
public static class IdentityProvider
{
    /// <summary>Its name; null when there is none.</summary>
    public static string? Label(IConfiguration configuration) =>
        configuration["OpenIdConnect:Authority"] is { Length: > 0 } ? configuration["OpenIdConnect:Label"] is { Length: > 0 } label ? label : "OpenID Connect" : null;
}
