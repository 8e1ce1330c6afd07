using System.Security.Claims;
using Marketplace.Platform.Identity;
using Marketplace.Portal.Texts;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Portal.Layout;

/// <summary>Who reads the page: the language, and the signed-in user if there is one.</summary>
public sealed class Reader(IHttpContextAccessor accessor)
{
    /// <summary>Cookie of the chosen language.</summary>
    public const string LanguageCookie = "lang";

    private Wording? wording;

    /// <summary>The language: the one chosen (<c>?lang=</c>, then the cookie), else English when the browser prefers it, else French.</summary>
    public Wording T => wording ??= Choose(Context.Request);

    /// <summary>True when somebody is signed in.</summary>
    public bool IsSignedIn => User.Identity?.IsAuthenticated == true;

    /// <summary>The name shown for the user.</summary>
    public string Name => User.FindFirstValue(ClaimTypes.Name) ?? "";

    /// <summary>The user's organisation; none for the town's staff.</summary>
    public string? OrganisationName => User.FindFirstValue(ClaimNames.OrganisationName);

    /// <summary>The organisation's id.</summary>
    public Guid? OrganisationId => Guid.TryParse(User.FindFirstValue(ClaimNames.OrganisationId), out var id) ? id : null;

    /// <summary>The current request.</summary>
    public HttpContext Context => accessor.HttpContext!;

    private ClaimsPrincipal User => Context.User;

    /// <summary>True when the user holds the role.</summary>
    public bool Has(string role) => User.HasClaim(ClaimNames.Role, role);

    /// <summary>This page in the other language.</summary>
    public string InOtherLanguage()
    {
        var query = Context.Request.Query.Where(p => p.Key != "lang").Select(p => KeyValuePair.Create(p.Key, p.Value)).Append(KeyValuePair.Create("lang", new Microsoft.Extensions.Primitives.StringValues(T.Other.Code)));
        return Context.Request.Path + QueryString.Create(query);
    }

    private static Wording Choose(HttpRequest request)
    {
        var chosen = request.Query["lang"] is [{ } asked] ? asked : request.Cookies[LanguageCookie];
        if (chosen is "fr" or "en")
        {
            return chosen == "en" ? Wording.English : Wording.French;
        }

        var preferred = request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(l => l.Quality ?? 1)
            .Select(l => l.Value.ToString().Split('-')[0].ToLowerInvariant())
            .FirstOrDefault(l => l is "fr" or "en");
        return preferred == "en" ? Wording.English : Wording.French;
    }
}
