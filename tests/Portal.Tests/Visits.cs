using System.Reflection;
using Microsoft.AspNetCore.Components;

namespace Marketplace.Portal.Tests;

/// <summary>
/// Who reads which pages when <see cref="EveryPage"/> looks at all of them. Names in braces are filled with real things by
/// <see cref="Samples"/>; a page of the portal that is missing here fails a test.
/// </summary>
internal static class Visits
{
    /// <summary>By a person of finance, where the books of a year are closed: <see cref="YearClosing"/> looks at it.</summary>
    public const string ClosedYear = "/finances/exercices/{year}";

    /// <summary>Of somebody whom an identity provider has just vouched for: <see cref="OpenIdJourney"/> looks at it.</summary>
    public const string FirstSignIn = "/connexion/premiere-fois";

    private static readonly Dictionary<string, string[]> All = new()
    {
        ["visitor"] =
        [
            "/", "/groupements", "/groupements?statut=cancelled", "/groupements/{pool}", "/packs", "/packs?q=rien-de-tel", "/packs/{pack}", "/packs/comparaison", "/packs/comparaison?id={pack}", "/prestataires", "/financements",
            "/urgence", "/aide", "/connexion", "/inscription", "/deconnexion", "/introuvable", "/mot-de-passe-oublie", "/mot-de-passe-oublie?envoi=1", "/nouveau-mot-de-passe",
            "/nouveau-mot-de-passe?jeton=x", "/nouveau-mot-de-passe?fait=1",
        ],
        ["business"] =
        [
            "/mon-espace", "/mes-notifications", "/mon-compte", "/mon-compte/double-authentification", "/acces-refuse", "/mes-engagements", "/mes-engagements?suivi=action", "/mon-entreprise", "/groupements/{free}",
            "/groupements/{free}/rejoindre", "/groupements/{joined}", "/mes-engagements/{open}", "/mes-engagements/{open}/modifier", "/mes-engagements/{open}/retrait", "/mes-engagements/{paid}",
            "/mes-engagements/{paid}/modifier", "/mes-engagements/{paid}/confirmation", "/mes-engagements/{paid}/recu",
        ],
        ["newcomer"] = ["/mes-notifications", "/mes-engagements", "/mon-entreprise"],
        ["provider"] =
        [
            "/mon-espace", "/agrement", "/agrement/{draft}", "/agrement/{draft}?refus=content&fichier=kbis-extract", "/mes-packs", "/mes-packs/nouveau", "/mes-packs/{pack}", "/mes-commandes",
            "/mes-commandes?statut=confirmed", "/mes-commandes/{confirmed}", "/mes-commandes/{confirmed}/{order}", "/mes-commandes/{pool}", "/mes-creances",
        ],
        ["new-provider"] = ["/mon-espace", "/agrement", "/mes-packs", "/mes-commandes", "/mes-creances"],
        ["assessor"] =
        [
            "/mon-espace", "/instruction", "/instruction?statut=", "/instruction/{submitted}", "/instruction/{evaluated}", "/instruction/{granted}", "/instruction/registre", "/instruction/registre/{accreditation}",
        ],
        ["second-assessor"] = ["/instruction/{evaluated}"],
        ["buyer"] =
        [
            "/mon-espace", "/pilotage", "/pilotage?statut=failed", "/pilotage/nouveau", "/pilotage/nouveau/{pack}", "/pilotage/{pool}", "/pilotage/{pool}/annulation",
            "/pilotage/{pool}/engagements/{commitment}", "/pilotage/{empty}",
        ],
        ["finance"] =
        [
            "/mon-espace", "/finances", "/finances/dispositifs", "/finances/dispositifs/nouveau", "/finances/dispositifs/{programme}", "/finances/aides", "/finances/aides/{grant}", "/finances/aides?siren=1",
            "/finances/paiements", "/finances/paiements/{run}", "/finances/comptes", "/finances/comptes/{payee}", "/finances/releves", "/finances/releves?refus=line&ligne=12",
            "/finances/releves/{statement}", "/finances/ecarts", "/finances/ecarts/{duplicate}", "/finances/ecarts/{unknown}", "/finances/ecarts?etat=resolved&nature=missing",
            "/finances/rapprochement", "/finances/cartes", "/finances/cartes/{charge}", "/finances/grand-livre", "/finances/grand-livre?verifier=1", "/finances/exports", "/finances/exercices",
        ],
        ["admin"] =
        [
            "/mon-espace", "/administration/agents", "/administration/agents/nouveau", "/administration/agents/{member}", "/administration/journal",
            "/administration/journal?fait=two-factor-removed&compte=00000000-0000-0000-0000-000000000001", "/administration/journal?fait=%3Cb%3E",
        ],
    };

    /// <summary>All who read.</summary>
    public static IEnumerable<string> Readers => All.Keys;

    /// <summary>What they read, with the real things' ids.</summary>
    public static IEnumerable<string> Of(string reader, IReadOnlyDictionary<string, string> samples) =>
        All[reader].Select(path => samples.Aggregate(path, (filled, sample) => filled.Replace($"{{{sample.Key}}}", sample.Value, StringComparison.Ordinal)));

    /// <summary>The pages of the portal that nobody visits.</summary>
    public static IEnumerable<string> Missing()
    {
        var visited = All.Values.SelectMany(paths => paths).Append(ClosedYear).Append(FirstSignIn).Select(path => Segments(path.Split('?')[0])).ToList();
        return typeof(App).Assembly.GetTypes().SelectMany(type => type.GetCustomAttributes<RouteAttribute>()).Select(route => route.Template)
            .Where(route => !visited.Any(path => path.SequenceEqual(Segments(route))));
    }

    /// <summary>One by one; whatever is filled in is the same.</summary>
    private static IEnumerable<string> Segments(string path) => path.Trim('/').Split('/').Select(segment => segment.StartsWith('{') ? "{}" : segment);
}
