using System.Globalization;
using System.Net;
using System.Text;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.Reports;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>The files with a row per grant: the return to the region and the register of de minimis aid.</summary>
[Collection(SharedTown.Name)]
public sealed class YearlyFiles(TownService town)
{
    /// <summary>A decimal comma and no thousands separators, as French spreadsheets read amounts.</summary>
    private static readonly NumberFormatInfo French = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "\u202f" };

    [Fact]
    public async Task the_return_names_every_grant_of_the_year_and_opens_in_a_french_spreadsheet()
    {
        var region = await town.OpenAsync(("name", "Chèque cyber"), ("funder", "Région Hauts-de-France"), ("funderSiret", "20005374200017"), ("legalBasis", "Délibération 2026-12"), ("deMinimis", true));
        var plain = await town.OpenAsync(("name", "Fonds de la ville"));
        var hostile = TestOrganisation.New(name: "=cmd|'/c calc'!A1");
        var awkward = TestOrganisation.New(name: "Dupont; \"Fils\"\r\n& Cie");
        await GrantAsync(hostile, region, 1_234_56);
        await GrantAsync(awkward, plain, 2_000_01);
        await TellAsync(Facts.Ended(await GrantAsync(TestOrganisation.New(), plain, 10_00), "defaulted"));

        var rows = await TownService.OpenInFrenchAsync(town.Process, $"/api/subsidies/reports/aid-return?year={ServiceDone.Today.Year}&format=csv&culture=fr", town.Finance);

        var first = rows.Single(r => r["SIRET"] == hostile.Siret);
        Assert.Equal(
            ("'=cmd|'/c calc'!A1", hostile.Siren, "62", "Délibération 2026-12", "oui", "Chèque cyber", "Région Hauts-de-France", "20005374200017"),
            (first["Bénéficiaire"], first["SIREN"], first["Département"], first["Base juridique"], first["De minimis"], first["Dispositif"], first["Autorité attribuante"], first["SIRET de l'autorité attribuante"]));
        Assert.Equal(617.28m, decimal.Parse(first["Montant attribué"], French));
        Assert.Equal(0m, decimal.Parse(first["Montant versé"], French));
        Assert.Equal(ServiceDone.Today, DateOnly.ParseExact(first["Date de l'acte"], "dd/MM/yyyy", CultureInfo.InvariantCulture));
        Assert.Matches(@"^ACT-\d{4}-\d{6}$", first["Numéro de l'acte"]);
        var second = rows.Single(r => r["SIRET"] == awkward.Siret);
        Assert.Equal(("Dupont; \"Fils\"\r\n& Cie", AidReturn.DefaultBasis, "non", TownService.TownName), (second["Bénéficiaire"], second["Base juridique"], second["De minimis"], second["Autorité attribuante"]));
        Assert.Equal(2, rows.Count(r => r["Dispositif"] is "Chèque cyber" or "Fonds de la ville"));
        Assert.Equal(rows.Select(r => r["Numéro de l'acte"]).Order(StringComparer.Ordinal), rows.Select(r => r["Numéro de l'acte"]));
    }

    [Fact]
    public async Task a_file_for_programs_has_commas_points_and_iso_days()
    {
        var business = TestOrganisation.New();
        await GrantAsync(business, await town.OpenAsync(), 1_000_50);
        var (bytes, _, fileName) = await TownService.DownloadAsync(town.Process, $"/api/subsidies/reports/aid-return?year={ServiceDone.Today.Year}&format=csv", town.Finance);

        Assert.Equal($"aid-return-{ServiceDone.Today.Year}.csv", fileName);
        var row = TownService.Rows(bytes, ',').Single(r => r["SIREN"] == business.Siren);
        Assert.Equal(("500.25", $"{ServiceDone.Today:yyyy-MM-dd}", "false"), (row["Granted"], row["Act date"], row["De minimis"]));
        Assert.All(Encoding.UTF8.GetString(bytes).Split('\n')[..^1], line => Assert.EndsWith("\r", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task the_register_holds_de_minimis_aid_only_and_less_what_was_claimed_back()
    {
        var (own, other) = (await town.OpenAsync(("deMinimis", true), ("name", "Registre")), await town.OpenAsync(("name", "Hors registre")));
        var grant = (await town.PaidAsync(own, 1_000_00))[0];
        await town.PaidAsync(other, 1_000_00);
        await town.Process.PostAsync($"/api/subsidies/grants/{grant.GetProperty("id").GetGuid()}/recovery", new { amountCents = 120_00, reason = "Réclamation" }, town.Finance, Guid.NewGuid().ToString());

        var rows = await TownService.OpenInFrenchAsync(town.Process, $"/api/subsidies/reports/de-minimis?year={ServiceDone.Today.Year}&format=csv&culture=fr", town.Finance);
        var row = rows.Single(r => r["SIREN"] == grant.GetProperty("siren").GetString());
        Assert.Equal(("380,00", $"{ServiceDone.Today:dd/MM/yyyy}", "subvention", "", TownService.TownSiret), (row["Montant de l'aide"], row["Date d'octroi"], row["Instrument d'aide"], row["Secteur (NACE)"], row["SIRET de l'autorité d'octroi"]));
        var grants = (await town.GrantsAsync(other)).Select(g => g.GetProperty("actNumber").GetString());
        Assert.DoesNotContain(rows, r => grants.Contains(r["Numéro de l'acte"]));
    }

    [Theory]
    [InlineData("2026-11-20", "2026-12-18")]
    [InlineData("2026-11-21", "2026-12-18")]
    [InlineData("2026-11-22", "2026-12-18")]
    [InlineData("2026-11-23", "2026-12-21")]
    [InlineData("2026-12-01", "2026-12-30")]
    public void aid_is_registered_within_20_working_days(string granted, string by) =>
        Assert.Equal(DateOnly.Parse(by, CultureInfo.InvariantCulture), DeMinimisRegister.RegisterBy(DateOnly.Parse(granted, CultureInfo.InvariantCulture)));

    [Fact]
    public async Task json_pages_go_through_all_acts_once()
    {
        var programme = await town.OpenAsync();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await GrantAsync(TestOrganisation.New(), programme, 100_00);
        }

        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = (await town.Process.GetAsync($"/api/subsidies/reports/aid-return?year={ServiceDone.Today.Year}&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", town.Finance)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("actNumber").GetString()!));
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
        Assert.Superset((await town.GrantsAsync(programme)).Select(g => g.GetProperty("actNumber").GetString()!).ToHashSet(), seen.ToHashSet());
        Assert.Empty((await town.Process.GetAsync($"/api/subsidies/reports/aid-return?year={ServiceDone.Today.Year - 1}", town.Finance)).Body.GetProperty("items").EnumerateArray());
    }

    [Theory]
    [InlineData("year=0", "year")]
    [InlineData("year=99999", "year")]
    [InlineData("year=1999", "year")]
    [InlineData("year=-2026", "year")]
    [InlineData("year=26", "year")]
    [InlineData("year=٢٠٢٦", "year")]
    [InlineData("year=2026&from=2026-01-01", "year")]
    [InlineData("from=2026-02-30", "from")]
    [InlineData("from=0001-01-01", "from")]
    [InlineData("to=9999-12-31", "to")]
    [InlineData("from=2026-02-01&to=2026-01-01", "to")]
    [InlineData("from=2026-02-01&to=2026-02-01", "to")]
    [InlineData("year=2026&format=xlsx", "format")]
    [InlineData("year=2026&culture=de", "culture")]
    public async Task a_period_or_format_that_is_none_is_refused_by_name(string query, string field)
    {
        foreach (var report in new[] { "programmes", "aid-return", "de-minimis", "open-data" })
        {
            var answer = await town.Process.GetAsync($"/api/subsidies/reports/{report}?{query}", town.Finance);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == field);
        }
    }

    [Theory]
    [InlineData("aid-return", "")]
    [InlineData("aid-return", "?year=2026&cursor=x")]
    [InlineData("aid-return", "?year=2026&cursor=WyJBQ1QtMjAyNi14Il0")]
    [InlineData("aid-return", "?year=2026&limit=0")]
    [InlineData("open-data", "?year=2026&format=csv&culture=fr")]
    [InlineData("programmes", "?programmeId=x")]
    public async Task bad_input_is_refused(string report, string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await town.Process.GetAsync($"/api/subsidies/reports/{report}{query}", town.Finance)).Status);

    [Fact]
    public async Task an_unknown_programme_is_not_found()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await town.Process.GetAsync($"/api/subsidies/reports/programmes?programmeId={Guid.NewGuid()}", town.Finance)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await town.Process.GetAsync($"/api/subsidies/provider-shares?programmeId={Guid.NewGuid()}", town.Finance)).Status);
    }

    [Fact]
    public async Task reports_are_for_finance()
    {
        foreach (var path in new[] { "reports/programmes", "reports/aid-return?year=2026", "reports/de-minimis?year=2026", "reports/open-data?year=2026", $"grants/{Guid.NewGuid()}/history" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await town.Process.GetAsync($"/api/subsidies/{path}")).Status);
            foreach (var token in new[] { town.Process.Identity.Staff(Roles.Buyer, Roles.Assessor, Roles.Admin), town.Process.Identity.Provider(TestOrganisation.New()), town.Process.Identity.Business(TestOrganisation.New()) })
            {
                Assert.Equal(HttpStatusCode.Forbidden, (await town.Process.GetAsync($"/api/subsidies/{path}", token)).Status);
            }
        }
    }

    private async Task<CommitmentPlaced> GrantAsync(TestOrganisation business, Guid programme, long net)
    {
        var placed = Facts.Placed(Guid.CreateVersion7(), net, [programme], business) with { Siret = business.Siret };
        await TellAsync(placed);
        await TellAsync(Facts.Confirmed(placed.PoolId, 1, (placed, net))[0]);
        return placed;
    }

    private async Task TellAsync(object fact) => Assert.Equal(HttpStatusCode.OK, await town.Process.DeliverAsync(fact, bulk: fact is CommitmentPlaced));
}
