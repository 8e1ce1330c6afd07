using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Portal.Accounts;

/// <summary>What a browser keeps for minutes between two steps of signing in or out, sealed: only the server reads it.</summary>
public sealed class StepCookie(IDataProtectionProvider protection, IConfiguration configuration)
{
    /// <summary>Gives it to the browser.</summary>
    public void Set(HttpContext context, string name, string value, TimeSpan lifetime) =>
        context.Response.Cookies.Append(PortalSetup.CookieName(name, configuration), Protector(name).Protect(value, lifetime), Options(context, lifetime));

    /// <summary>What the browser has; null when it has nothing of ours, or too old.</summary>
    public string? Read(HttpContext context, string name)
    {
        try
        {
            return context.Request.Cookies[PortalSetup.CookieName(name, configuration)] is { } value ? Protector(name).Unprotect(value) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>The same, and takes it away.</summary>
    public string? Take(HttpContext context, string name)
    {
        var value = Read(context, name);
        Remove(context, name);
        return value;
    }

    /// <summary>Takes it away.</summary>
    public void Remove(HttpContext context, string name)
    {
        var cookie = PortalSetup.CookieName(name, configuration);
        if (context.Request.Cookies.ContainsKey(cookie))
        {
            context.Response.Cookies.Delete(cookie, Options(context, null));
        }
    }

    private ITimeLimitedDataProtector Protector(string name) => protection.CreateProtector($"step {name}").ToTimeLimitedDataProtector();

    /// <summary>Lax, since the browser comes back from another site with it.</summary>
    private CookieOptions Options(HttpContext context, TimeSpan? lifetime) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Lax,
        Secure = context.Request.IsHttps || PortalSetup.IsHttps(configuration),
        Path = "/",
        MaxAge = lifetime,
        IsEssential = true,
    };
}
