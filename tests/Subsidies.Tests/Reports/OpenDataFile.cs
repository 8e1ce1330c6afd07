using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Marketplace.Events.PooledOrders;
using Marketplace.Subsidies.Reports;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>
/// The open-data file, checked row by row against the rules of the schema: its columns, which of them are mandatory, their
/// types, patterns, lengths, words and bounds. Restated from schema.data.gouv.fr/scdl/subventions (OpenDataFrance,
/// gitlab.com/opendatafrance/scdl/subventions): the columns of version 2.1.1, the rules of the documentation of 2.0.2.
/// </summary>
[Collection(SharedTown.Name)]
public sealed partial class OpenDataFile(TownService town)
{
    private sealed record Rule(string Name, bool Mandatory, Func<string, bool> IsRight);

    private static readonly Rule[] Schema =
    [
        new("nomAttribuant", true, _ => true),
        new("idAttribuant", true, v => Siret().IsMatch(v)),
        new("dateConvention", true, IsDay),
        new("referenceDecision", false, _ => true),
        new("nomBeneficiaire", true, _ => true),
        new("idBeneficiaire", false, v => Siret().IsMatch(v)),
        new("rnaBeneficiaire", false, v => Rna().IsMatch(v)),
        new("objet", true, v => v.Length <= 256),
        new("montant", true, IsNumber),
        new("nature", true, v => v is "aide en numéraire" or "aide en nature" or "aide en numéraire;aide en nature" or "aide en nature;aide en numéraire"),
        new("conditionsVersement", true, v => v.Length <= 256),
        new("datesPeriodeVersement", true, v => DayOrPeriod().IsMatch(v) && v.Split('/').All(IsDay)),
        new("idRAE", false, v => v.Length <= 5),
        new("notificationUE", true, v => v is "oui" or "non"),
        new("pourcentageSubvention", true, v => IsNumber(v) && decimal.Parse(v, CultureInfo.InvariantCulture) is >= 0.01m and <= 1m),
        new("dispositifAide", false, _ => true),
    ];

    [Fact]
    public async Task every_row_keeps_the_rules_of_the_schema()
    {
        var region = await town.OpenAsync(("funder", "Région Hauts-de-France"), ("funderSiret", "20005374200017"), ("deMinimis", true), ("name", new string('é', 200)));
        var city = await town.OpenAsync(("name", "Fonds cyber, volet \"sauvegarde\""));
        var (known, unknown) = (TestOrganisation.New(name: "Électricité, Plomberie & Fils"), TestOrganisation.New());
        await GrantAsync(known, region, 2_468_10, known.Siret);
        await GrantAsync(unknown, city, 500_00, null);
        var paid = (await town.PaidAsync(await town.OpenAsync(), 300_00))[0];
        var part = await town.OpenAsync();
        await ServiceDone.DeliverAsync(town.Process, part, TestProvider.New(), 300_00);
        await TownBank.PayPartAsync(town.Process, await ServiceDone.ApprovedRunAsync(town.Process, part), 50_00);

        var (bytes, type, _) = await TownService.DownloadAsync(town.Process, $"/api/subsidies/reports/open-data?year={ServiceDone.Today.Year}&format=csv", town.Finance);

        Assert.Equal("text/csv; charset=utf-8", type);
        Assert.StartsWith("nomAttribuant,idAttribuant,", new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes), StringComparison.Ordinal);
        var rows = TownService.Rows(bytes, ',');
        Assert.All(rows, row => Assert.Empty(Broken(row)));
        var (today, end) = ($"{ServiceDone.Today:yyyy-MM-dd}", $"{ServiceDone.Today.AddYears(3):yyyy-MM-dd}");
        var first = rows.Single(r => r["idBeneficiaire"] == known.Siret);
        Assert.Equal(
            ("Région Hauts-de-France", "20005374200017", today, "Électricité, Plomberie & Fils", "1234.05", "oui", "1.00", "unique", $"{today}/{end}"),
            (first["nomAttribuant"], first["idAttribuant"], first["dateConvention"], first["nomBeneficiaire"], first["montant"], first["notificationUE"], first["pourcentageSubvention"],
            first["conditionsVersement"], first["datesPeriodeVersement"]));
        var second = rows.Single(r => r["objet"] == "Cybersécurité (antivirus) - Fonds cyber, volet \"sauvegarde\"");
        Assert.Equal((TownService.TownName, TownService.TownSiret, "", "non"), (second["nomAttribuant"], second["idAttribuant"], second["idBeneficiaire"], second["notificationUE"]));
        Assert.Equal(("unique", today), Payment(paid.GetProperty("actNumber").GetString()!));
        Assert.Equal(("échelonné", $"{today}/{end}"), Payment((await town.GrantsAsync(part))[0].GetProperty("actNumber").GetString()!));

        (string, string) Payment(string act)
        {
            var row = rows.Single(r => r["referenceDecision"] == act);
            return (row["conditionsVersement"], row["datesPeriodeVersement"]);
        }
    }

    [Fact]
    public void the_rules_find_what_is_wrong() => Assert.Equal(
        ["idAttribuant", "dateConvention", "montant", "datesPeriodeVersement", "pourcentageSubvention"],
        Broken(Schema.ToDictionary(r => r.Name, r => r.Name switch
        {
            "idAttribuant" => "216200410",
            "dateConvention" => "22/11/2026",
            "montant" => "1234,05",
            "datesPeriodeVersement" => "2026-13-01/2026-12-31",
            "pourcentageSubvention" => "100",
            "notificationUE" => "non",
            "nature" => "aide en nature",
            _ => r.Mandatory ? "x" : "",
        })));

    [Fact]
    public void a_long_object_is_cut_at_256_characters_and_never_inside_one()
    {
        var grant = new GrantedAid(
            Guid.NewGuid(), "ACT-2026-000001", DateTime.UtcNow, "732829320", null, null, "62", "antivirus", Guid.NewGuid(), string.Concat(Enumerable.Repeat("🔐", 150)), "Ville", null, null, false,
            DateTime.UtcNow, 1, 0, 0, null, null);
        var purpose = OpenData.Of(grant, new GrantingAuthority("Ville", TownService.TownSiret)).Objet;
        Assert.True(purpose.Length is 255 or 256 && !char.IsHighSurrogate(purpose[^1]));
    }

    private static IReadOnlyList<string> Broken(Dictionary<string, string> row) => row.Keys.SequenceEqual(Schema.Select(r => r.Name))
        ? [.. Schema.Where(r => row[r.Name].Length == 0 ? r.Mandatory : !r.IsRight(row[r.Name])).Select(r => r.Name)]
        : ["the columns"];

    private static bool IsDay(string text) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    private static bool IsNumber(string text) => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _);

    private async Task GrantAsync(TestOrganisation business, Guid programme, long net, string? siret)
    {
        var placed = Facts.Placed(Guid.CreateVersion7(), net, [programme], business) with { Siret = siret };
        Assert.Equal(HttpStatusCode.OK, await town.Process.DeliverAsync(placed, bulk: true));
        Assert.Equal(HttpStatusCode.OK, await town.Process.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, net))[0]));
    }

    [GeneratedRegex(@"^[0-9]{14}\z")]
    private static partial Regex Siret();

    [GeneratedRegex(@"^W[0-9]{9}\z")]
    private static partial Regex Rna();

    [GeneratedRegex(@"^[0-9]{4}\-[0-9]{2}\-[0-9]{2}(\/[0-9]{4}\-[0-9]{2}\-[0-9]{2})?\z")]
    private static partial Regex DayOrPeriod();
}
