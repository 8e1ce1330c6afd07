using Marketplace.Platform.Requests;

namespace Marketplace.Gateway.Documentation;

/// <summary>What this is, and where to go from here.</summary>
public sealed class LandingPage : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet("/", (HttpRequest request) =>
    {
        var language = Language.Of(request);
        return Page.Of(request, language, language.Say("Groupements d'achat en cybersécurité", "Group purchases of cybersecurity"), Html.Of($"""
            <p>{language.Say(
                "La collectivité organise des achats groupés de services de cybersécurité pour ses petites entreprises. Des prestataires agréés proposent des packs à prix dégressifs ; les entreprises rejoignent un groupement ; à sa clôture, la quantité totale fixe un prix unique pour toutes. La collectivité et la région cofinancent la part de chacune.",
                "The town organises group purchases of cybersecurity services for its small businesses. Accredited providers offer packs at volume prices; businesses join a pool; when it closes, the total quantity sets one price for everyone. The town and the region co-fund each business's share.")}</p>
            <ul>
            <li><a href="/api/docs?lang={language.Code}">{language.Say("Documentation de l'interface de programmation", "API documentation")}</a></li>
            <li><a href="/api/status">{language.Say("État des services", "Status of the services")}</a></li>
            </ul>
            """));
    }).ExcludeFromDescription();
}
