using System.Reflection;
using Marketplace.Platform.Requests;

namespace Marketplace.Gateway.Documentation;

/// <summary>The frame of every page, and its style sheet. No scripts, nothing from other sites.</summary>
public sealed class Page : IEndpoint
{
    private const string StyleSheet = "/assets/gateway.css";

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(StyleSheet, (HttpContext context) =>
        {
            context.Response.Headers.CacheControl = "public, max-age=3600";
            return Results.Stream(Assembly.GetExecutingAssembly().GetManifestResourceStream("Marketplace.Gateway.Documentation.gateway.css")!, "text/css; charset=utf-8");
        }).ExcludeFromDescription();
    }

    /// <summary>A whole page as an HTTP answer.</summary>
    public static IResult Of(HttpRequest request, Language language, string title, Html content)
    {
        var other = language == Language.French ? Language.English : Language.French;
        request.HttpContext.Response.Headers.Vary = "Accept-Language";
        return Results.Content(Html.Of($"""
            <!doctype html>
            <html lang="{language.Code}">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title}</title>
            <link rel="stylesheet" href="{StyleSheet}">
            </head>
            <body>
            <a class="skip" href="#content">{language.Say("Aller au contenu", "Skip to content")}</a>
            <header>
            <nav aria-label="{language.Say("Navigation principale", "Main navigation")}">
            <a href="/?lang={language.Code}">{language.Say("Accueil", "Home")}</a>
            <a href="/api/docs?lang={language.Code}">{language.Say("Documentation", "Documentation")}</a>
            <a href="/api/status">{language.Say("État", "Status")}</a>
            <a class="language" lang="{other.Code}" hreflang="{other.Code}" href="{request.Path.ToString()}?lang={other.Code}">{other.Say("Français", "English")}</a>
            </nav>
            </header>
            <main id="content" tabindex="-1">
            <h1>{title}</h1>
            {content}
            </main>
            </body>
            </html>
            """).ToString(), "text/html; charset=utf-8");
    }
}
