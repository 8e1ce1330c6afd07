using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Time;
using Marketplace.Subsidies.Reconciliation;

namespace Marketplace.Subsidies.Reports;

/// <summary>
/// What the central register of de minimis aid takes (Regulation (EU) 2023/2831, art. 6): the beneficiary, the amount, the
/// day of granting, the granting authority, the aid instrument and the sector; registered within 20 working days.
/// </summary>
public sealed class DeMinimisRegister : IEndpoint
{
    private const int WorkingDays = 20;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => File.Map(routes, "What the register of de minimis aid takes (JSON pages or CSV)");

    /// <summary>
    /// A grant in the register. The amount is in cents, less what was claimed back: that no longer counts towards the
    /// ceiling (DOMAIN §5). The sector (NACE) is not known to the marketplace.
    /// </summary>
    public sealed record Row(
        string ActNumber, string? Beneficiary, string Siren, string? Siret, long AmountCents, DateOnly GrantedOn, string GrantingAuthority, string? GrantingAuthoritySiret, string Instrument,
        string? NaceSector, DateOnly RegisterBy);

    private static readonly GrantFile<Row> File = new("de-minimis", true,
        [
            new("Act number", "Numéro de l'acte", r => r.ActNumber),
            new("Beneficiary", "Bénéficiaire", r => r.Beneficiary),
            new("SIREN", "SIREN", r => r.Siren),
            new("SIRET", "SIRET", r => r.Siret),
            new("Amount", "Montant de l'aide", r => new Euros(r.AmountCents)),
            new("Granted on", "Date d'octroi", r => r.GrantedOn),
            new("Granting authority", "Autorité d'octroi", r => r.GrantingAuthority),
            new("Granting authority SIRET", "SIRET de l'autorité d'octroi", r => r.GrantingAuthoritySiret),
            new("Instrument", "Instrument d'aide", r => r.Instrument),
            new("NACE sector", "Secteur (NACE)", r => r.NaceSector),
            new("Register by", "À enregistrer avant le", r => r.RegisterBy),
        ],
        (g, configuration) =>
        {
            var authority = Reports.GrantingAuthority.Of(g.Funder, g.FunderSiret, configuration);
            var day = ParisDays.Of(g.GrantedAt);
            return new Row(
                g.ActNumber, g.Name, g.Siren, g.Siret, g.GrantedCents - g.RecoveredCents, day, authority.Name, authority.Siret, "subvention", null, RegisterBy(day));
        });

    /// <summary>The last day to register: the 20th working day after the granting.</summary>
    public static DateOnly RegisterBy(DateOnly grantedOn) => BusinessDays.After(grantedOn, WorkingDays);
}
