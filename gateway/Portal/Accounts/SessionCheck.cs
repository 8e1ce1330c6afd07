using System.Net;
using System.Net.Http.Headers;
using Marketplace.Portal.Api;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace Marketplace.Portal.Accounts;

/// <summary>
/// A cookie is worth what the session behind it is: every request with one asks the API whether the session is still
/// open. When the API cannot be asked, the cookie stands; the page will have nothing to show anyway.
/// </summary>
public sealed class SessionCheck(HttpClient http, PortalAddress address)
{
    /// <summary>Drops the cookie of a session that was ended.</summary>
    public async Task CheckAsync(CookieValidatePrincipalContext context)
    {
        if (context.Properties.GetTokenValue(MarketplaceApi.AccessToken) is not { } token || await HasEndedAsync(context, token))
        {
            context.RejectPrincipal();
            await context.HttpContext.SignOutAsync(PortalSetup.Cookie);
        }
    }

    private async Task<bool> HasEndedAsync(CookieValidatePrincipalContext context, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address.Api, "/api/auth/sessions/current"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        address.Introduce(request, context.HttpContext);
        try
        {
            using var response = await http.SendAsync(request, context.HttpContext.RequestAborted);
            return response.StatusCode == HttpStatusCode.Unauthorized;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
