using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Time;

namespace Marketplace.Subsidies.Reports;

/// <summary>
/// The yearly return of a local authority to its region of the aid it granted to businesses (état annuel des aides, code
/// général des collectivités territoriales, art. L.1511-1).
/// </summary>
public sealed class AidReturn : IEndpoint
{
    /// <summary>The aid is of the kind that the Regulation on de minimis aid exempts.</summary>
    public const string DeMinimisBasis = "Règlement (UE) 2023/2831 (aides de minimis) ; CGCT, art. L.1511-2";

    /// <summary>Any other aid of a local authority to a business.</summary>
    public const string DefaultBasis = "CGCT, art. L.1511-2 et L.1511-3";

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => File.Map(routes, "The yearly return of aid granted to businesses (JSON pages or CSV)");

    /// <summary>A grant in the return. Amounts in cents; a sole currency, EUR.</summary>
    public sealed record Row(
        string ActNumber, DateOnly ActDate, string? Beneficiary, string Siren, string? Siret, string Departement, long GrantedCents, long PaidCents, long RecoveredCents, string LegalBasis,
        bool DeMinimis, string Programme, string GrantingAuthority, string? GrantingAuthoritySiret, string Nature);

    private static readonly GrantFile<Row> File = new("aid-return", false,
        [
            new("Act number", "Numéro de l'acte", r => r.ActNumber),
            new("Act date", "Date de l'acte", r => r.ActDate),
            new("Beneficiary", "Bénéficiaire", r => r.Beneficiary),
            new("SIREN", "SIREN", r => r.Siren),
            new("SIRET", "SIRET", r => r.Siret),
            new("Département", "Département", r => r.Departement),
            new("Granted", "Montant attribué", r => new Euros(r.GrantedCents)),
            new("Paid", "Montant versé", r => new Euros(r.PaidCents)),
            new("Recovered", "Montant reversé", r => new Euros(r.RecoveredCents)),
            new("Legal basis", "Base juridique", r => r.LegalBasis),
            new("De minimis", "De minimis", r => r.DeMinimis),
            new("Programme", "Dispositif", r => r.Programme),
            new("Granting authority", "Autorité attribuante", r => r.GrantingAuthority),
            new("Granting authority SIRET", "SIRET de l'autorité attribuante", r => r.GrantingAuthoritySiret),
            new("Nature", "Nature de l'aide", r => r.Nature),
        ],
        (g, configuration) =>
        {
            var authority = Reports.GrantingAuthority.Of(g.Funder, g.FunderSiret, configuration);
            return new Row(
                g.ActNumber, ParisDays.Of(g.GrantedAt), g.Name, g.Siren, g.Siret, g.Departement, g.GrantedCents, g.PaidCents, g.RecoveredCents,
                g.LegalBasis ?? (g.DeMinimis ? DeMinimisBasis : DefaultBasis), g.DeMinimis, g.Programme, authority.Name, authority.Siret, "subvention");
        });
}
