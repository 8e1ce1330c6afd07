using System.Globalization;
using System.Text.Json.Serialization;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Time;

namespace Marketplace.Subsidies.Reports;

/// <summary>
/// Granted subsidies as open data, in the schema <c>scdl/subventions</c> 2.1.1 of schema.data.gouv.fr (Socle commun des
/// données locales; after décret n° 2017-779): its 16 columns in its order, commas, decimal points, ISO days and periods.
/// The schema wants a sole style, so there is no <c>culture</c>.
/// </summary>
public sealed class OpenData : IEndpoint
{
    private const int MostText = 256;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => File.Map(routes, "Granted subsidies as open data (SCDL subventions 2.1.1)");

    /// <summary>A row of the schema; JSON carries its names and its texts.</summary>
    public sealed record Row(
        [property: JsonPropertyName("nomAttribuant")] string NomAttribuant,
        [property: JsonPropertyName("idAttribuant")] string IdAttribuant,
        [property: JsonPropertyName("dateConvention")] DateOnly DateConvention,
        [property: JsonPropertyName("referenceDecision")] string ReferenceDecision,
        [property: JsonPropertyName("nomBeneficiaire")] string NomBeneficiaire,
        [property: JsonPropertyName("idBeneficiaire")] string? IdBeneficiaire,
        [property: JsonPropertyName("rnaBeneficiaire")] string? RnaBeneficiaire,
        [property: JsonPropertyName("objet")] string Objet,
        [property: JsonPropertyName("montant")] string Montant,
        [property: JsonPropertyName("nature")] string Nature,
        [property: JsonPropertyName("conditionsVersement")] string ConditionsVersement,
        [property: JsonPropertyName("datesPeriodeVersement")] string DatesPeriodeVersement,
        [property: JsonPropertyName("idRAE")] string? IdRae,
        [property: JsonPropertyName("notificationUE")] string NotificationUe,
        [property: JsonPropertyName("pourcentageSubvention")] string PourcentageSubvention,
        [property: JsonPropertyName("dispositifAide")] string? DispositifAide);

    private static readonly GrantFile<Row> File = new("open-data", false,
        [
            Column("nomAttribuant", r => r.NomAttribuant),
            Column("idAttribuant", r => r.IdAttribuant),
            Column("dateConvention", r => r.DateConvention),
            Column("referenceDecision", r => r.ReferenceDecision),
            Column("nomBeneficiaire", r => r.NomBeneficiaire),
            Column("idBeneficiaire", r => r.IdBeneficiaire),
            Column("rnaBeneficiaire", r => r.RnaBeneficiaire),
            Column("objet", r => r.Objet),
            Column("montant", r => r.Montant),
            Column("nature", r => r.Nature),
            Column("conditionsVersement", r => r.ConditionsVersement),
            Column("datesPeriodeVersement", r => r.DatesPeriodeVersement),
            Column("idRAE", r => r.IdRae),
            Column("notificationUE", r => r.NotificationUe),
            Column("pourcentageSubvention", r => r.PourcentageSubvention),
            Column("dispositifAide", r => r.DispositifAide),
        ],
        (g, configuration) => Of(g, GrantingAuthority.Of(g.Funder, g.FunderSiret, configuration)),
        CsvStyle.English with { HasByteOrderMark = false },
        NeedsAuthority: true);

    /// <summary>The row of a grant. A business whose SIRET is not known has only its name: the schema has no field for a SIREN.</summary>
    public static Row Of(GrantedAid g, GrantingAuthority authority)
    {
        var (conditions, dates) = Payment(g);
        return new Row(
            authority.Name, authority.Siret ?? "", ParisDays.Of(g.GrantedAt), g.ActNumber, g.Name ?? $"SIREN {g.Siren}", g.Siret, null,
            Shortened($"Cybersécurité ({CategoryName(g.Category)}) - {g.Programme}"), (g.GrantedCents / 100m).ToString("0.00", CultureInfo.InvariantCulture), "aide en numéraire", conditions, dates, null,
            g.DeMinimis ? "oui" : "non", "1.00", null);
    }

    /// <summary>Paid at once: its day. Else a period: that of the payments, or from the act, or the first payment, to the programme's last day.</summary>
    private static (string Conditions, string Dates) Payment(GrantedAid g)
    {
        var act = ParisDays.Of(g.GrantedAt);
        var end = ParisDays.Of(g.ValidUntil.AddTicks(-1));
        if (g.FirstPaidAt is not { } firstAt || g.LastPaidAt is not { } lastAt)
        {
            return ("unique", $"{act:yyyy-MM-dd}/{Later(act, end):yyyy-MM-dd}");
        }

        var (first, last) = (ParisDays.Of(firstAt), ParisDays.Of(lastAt));
        return g.PaidCents < g.GrantedCents ? ("échelonné", $"{first:yyyy-MM-dd}/{Later(last, end):yyyy-MM-dd}")
            : first == last ? ("unique", $"{first:yyyy-MM-dd}")
            : ("échelonné", $"{first:yyyy-MM-dd}/{last:yyyy-MM-dd}");
    }

    private static DateOnly Later(DateOnly a, DateOnly b) => a > b ? a : b;

    private static string Shortened(string text) => text.Length <= MostText ? text : text[..(char.IsHighSurrogate(text[MostText - 1]) ? MostText - 1 : MostText)];

    private static string CategoryName(string category) => category switch
    {
        "antivirus" => "antivirus",
        "encrypted-backup" => "sauvegarde chiffrée",
        "firewall" => "pare-feu",
        "audit" => "audit",
        _ => category,
    };

    private static Column<Row> Column(string name, Func<Row, object?> value) => new(name, name, value);
}
