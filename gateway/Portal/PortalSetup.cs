using Marketplace.Portal.Accounts;
using Marketplace.Portal.Api;
using Marketplace.Portal.Assets;
using Marketplace.Portal.Files;
using Marketplace.Portal.Layout;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Marketplace.Portal;

/// <summary>The pages, as a part of the gateway's process.</summary>
public static class PortalSetup
{
    /// <summary>The authentication scheme of the pages.</summary>
    public const string Cookie = "portal";

    /// <summary>Only the portal's own files and addresses; no script or style in the page itself.</summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /// <summary>Registers the pages and their sign-in. Bearer tokens stay the only way into <c>/api</c>: a cookie opens nothing there.</summary>
    public static void AddPortal(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddRazorComponents();
        services.AddCascadingAuthenticationState();
        services.AddScoped<Reader>();
        services.AddSingleton<PortalAddress>();
        services.AddSingleton<StepCookie>();
        services.AddHttpClient<MarketplaceApi>().RemoveAllLoggers();
        services.AddHttpClient<SessionCheck>().RemoveAllLoggers();
        services.AddHttpClient<FileTransfer>(http => http.Timeout = Timeout.InfiniteTimeSpan).RemoveAllLoggers();
        services.AddAntiforgery(o =>
        {
            o.Cookie.Name = CookieName("antiforgery", configuration);
            o.Cookie.SameSite = SameSiteMode.Strict;
            o.Cookie.SecurePolicy = Secure(configuration);
            o.FormFieldName = "__token";
            o.SuppressXFrameOptionsHeader = true;
        });
        services.AddAuthentication(o => o.DefaultScheme = "reader")
            .AddPolicyScheme("reader", null, o => o.ForwardDefaultSelector = context =>
                context.Request.Path.StartsWithSegments("/api") ? JwtBearerDefaults.AuthenticationScheme : Cookie)
            .AddCookie(Cookie, o =>
            {
                o.Cookie.Name = CookieName("session", configuration);
                o.Cookie.HttpOnly = true;
                o.Cookie.SameSite = SameSiteMode.Lax;
                o.Cookie.SecurePolicy = Secure(configuration);
                o.LoginPath = "/connexion";
                o.ReturnUrlParameter = "retour";
                o.AccessDeniedPath = "/acces-refuse";
                o.ExpireTimeSpan = TimeSpan.FromHours(8);
                o.SlidingExpiration = false;

                o.Events.OnValidatePrincipal = context => context.HttpContext.RequestServices.GetRequiredService<SessionCheck>().CheckAsync(context);

                // As old as it really is, like the token in it: never by the local run's movable clock.
                o.TimeProvider = TimeProvider.System;
            });
    }

    /// <summary>
    /// In front of routing: whom the portal's own calls are for; and for pages (all that is not below <c>/api</c>) the
    /// chosen language, the content security policy and a page of ours when there is none.
    /// </summary>
    public static void UsePortal(this WebApplication app)
    {
        var address = app.Services.GetRequiredService<PortalAddress>();
        app.Use((context, next) =>
        {
            address.Recognise(context);
            return next(context);
        });
        app.UseWhen(context => IsPage(context.Request), pages =>
        {
            pages.Use((context, next) =>
            {
                context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
                if (context.Request.Query["lang"] is [{ } language] && language is "fr" or "en")
                {
                    context.Response.Cookies.Append(Reader.LanguageCookie, language, new CookieOptions
                    {
                        HttpOnly = true,
                        SameSite = SameSiteMode.Lax,
                        Secure = context.Request.IsHttps,
                        MaxAge = TimeSpan.FromDays(365),
                        IsEssential = true,
                    });
                }

                return next(context);
            });

            // A form that the page does not have any more, because another tab or person was quicker: the page as it is now, which says so.
            pages.Use(async (context, next) =>
            {
                await next(context);
                var (request, response) = (context.Request, context.Response);
                if (HttpMethods.IsPost(request.Method) && response is { StatusCode: StatusCodes.Status400BadRequest, HasStarted: false } && context.Features.Get<IAntiforgeryValidationFeature>() is { IsValid: true })
                {
                    response.ContentType = null;
                    response.StatusCode = StatusCodes.Status303SeeOther;
                    response.Headers.Location = request.Path.ToUriComponent() + QueryString.Create("change", "1");
                }
            });

            // A page of ours answers readers; anything else that is sent to an address that does not exist has no form of ours.
            pages.UseWhen(context => HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method),
                read => read.UseStatusCodePagesWithReExecute("/introuvable", createScopeForStatusCodePages: true));
        });
    }

    /// <summary>Maps the pages, their assets and the end of a session.</summary>
    public static void MapPortal(this WebApplication app)
    {
        Asset.Map(app);
        PortalFiles.Map(app);
        app.MapRazorComponents<App>();
        app.MapPost("/session/fin", async (HttpContext context, IAntiforgery antiforgery, MarketplaceApi api, StepCookie steps) =>
        {
            if (!await antiforgery.IsRequestValidAsync(context))
            {
                return Results.Redirect("/deconnexion");
            }

            var next = SignOutAtProvider.Next(context, steps);
            await Session.EndAsync(context, api);
            return Results.Redirect(next);
        }).ExcludeFromDescription();
    }

    /// <summary>True for what is answered with a page.</summary>
    public static bool IsPage(HttpRequest request) => !request.Path.StartsWithSegments("/api") && !request.Path.StartsWithSegments("/health");

    /// <summary>Over HTTPS (<c>Portal:Https=true</c>), browsers are told to bind the cookie to this very host.</summary>
    internal static string CookieName(string name, IConfiguration configuration) => IsHttps(configuration) ? $"__Host-{name}" : name;

    private static CookieSecurePolicy Secure(IConfiguration configuration) => IsHttps(configuration) ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;

    /// <summary>True where the pages are read over HTTPS only (<c>Portal:Https</c>).</summary>
    internal static bool IsHttps(IConfiguration configuration) => configuration.GetValue("Portal:Https", false);
}
