using System.Net;
using System.Text.Json;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>Where every euro of an envelope is, by the ledger.</summary>
[Collection(SharedTown.Name)]
public sealed class ProgrammeFigures(TownService town)
{
    [Fact]
    public async Task every_euro_of_the_envelope_is_in_exactly_one_place()
    {
        var programme = await town.OpenAsync(("budgetCents", 10_000_00), ("name", "Fonds; \"cyber\""));
        var paid = await town.PaidAsync(programme, 1_000_00);
        await RecoverAsync(paid[0], 100_00);
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 2_000_00);
        await GrantedAsync(programme, 400_00);
        await TellAsync(Facts.Ended(await GrantedAsync(programme, 600_00), "defaulted"));
        await TellAsync(Facts.Placed(Guid.CreateVersion7(), 80_00, [programme]));

        var report = (await town.Process.GetAsync($"/api/subsidies/reports/programmes?programmeId={programme}", town.Finance)).Body;
        var item = Assert.Single(report.GetProperty("items").EnumerateArray());
        Assert.Equal(
            """{"votedCents":1000000,"availableCents":826000,"reservedCents":4000,"grantedCents":20000,"committedCents":0,"serviceDoneCents":100000,"orderedCents":0,"paidCents":40000,"recoveredCents":10000,"releasedCents":30000}""",
            item.GetProperty("atEnd").GetRawText());
        Assert.Equal(item.GetProperty("atEnd").GetRawText(), item.GetProperty("movement").GetRawText());
        Assert.Equal((0, 0), (item.GetProperty("envelopeDifferenceCents").GetInt64(), item.GetProperty("grantsDifferenceCents").GetInt64()));
        Assert.Equal(1_000_000, report.GetProperty("totalAtEnd").GetProperty("votedCents").GetInt64());

        var row = Assert.Single(await TownService.OpenInFrenchAsync(town.Process, $"/api/subsidies/reports/programmes?programmeId={programme}&format=csv&culture=fr", town.Finance));
        Assert.Equal(("Fonds; \"cyber\"", "10000,00", "400,00", "100,00", "0,00"), (row["Dispositif"], row["Voté"], row["Payé"], row["Recouvré"], row["Écart avec l'enveloppe"]));
        await ServiceDone.AssertVerifiedAsync(town.Process);
    }

    [Fact]
    public async Task a_period_has_its_movements_and_what_was_there_at_its_end()
    {
        var programme = await town.OpenAsync(("budgetCents", 1_000_00));
        var today = ServiceDone.Today;
        var before = await ItemAsync($"programmeId={programme}&to={today:yyyy-MM-dd}");
        Assert.Equal((0, 0), (Amount(before, "atEnd", "voted"), Amount(before, "movement", "voted")));
        Assert.Equal(JsonValueKind.Null, before.GetProperty("envelopeDifferenceCents").ValueKind);

        var during = await ItemAsync($"programmeId={programme}&from={today:yyyy-MM-dd}&to={today.AddDays(1):yyyy-MM-dd}");
        Assert.Equal((1_000_00, 1_000_00, 0), (Amount(during, "atEnd", "voted"), Amount(during, "movement", "voted"), during.GetProperty("envelopeDifferenceCents").GetInt64()));

        var after = await ItemAsync($"programmeId={programme}&from={today.AddDays(1):yyyy-MM-dd}");
        Assert.Equal((1_000_00, 0), (Amount(after, "atEnd", "voted"), Amount(after, "movement", "voted")));

        var year = await ItemAsync($"programmeId={programme}&year={today.Year}");
        Assert.Equal(1_000_00, Amount(year, "movement", "available"));
    }

    [Fact]
    public async Task an_envelope_that_was_tampered_with_shows_as_a_difference()
    {
        var programme = await town.OpenAsync(("budgetCents", 1_000_00));
        await using var db = new NpgsqlConnection(town.Process.ConnectionString);
        await db.ExecuteAsync("update programme set granted_cents = 7 where id = @programme", new { programme });

        var item = await ItemAsync($"programmeId={programme}");

        Assert.Equal((14, 0), (item.GetProperty("envelopeDifferenceCents").GetInt64(), item.GetProperty("grantsDifferenceCents").GetInt64()));
        await db.ExecuteAsync("update programme set granted_cents = 0 where id = @programme", new { programme });
    }

    [Fact]
    public async Task money_that_was_ordered_paid_or_claimed_back_counts_as_engaged()
    {
        var programme = await town.OpenAsync(("budgetCents", 1_000_00));
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 1_000_00);
        var run = await ServiceDone.ApprovedRunAsync(town.Process, programme);
        await RefusedAsync();
        await TownBank.PayAsync(town.Process, run);
        await RefusedAsync();
        await RecoverAsync((await town.GrantsAsync(programme))[0], 200_00);
        await RefusedAsync();
        await RecoverAsync((await town.GrantsAsync(programme))[0], null);
        await RefusedAsync();
        Assert.Equal(HttpStatusCode.OK, (await BudgetAsync(-500_00)).Status);

        async Task RefusedAsync()
        {
            var answer = await BudgetAsync(-500_01);
            Assert.Equal((HttpStatusCode.Conflict, "envelope-engaged", 500_00), (answer.Status, answer.Problem, answer.Body.GetProperty("engagedCents").GetInt64()));
        }

        Task<HttpAnswer> BudgetAsync(long delta) => town.Process.PostAsync($"/api/subsidies/programmes/{programme}/budget", new { deltaCents = delta, reason = "Décision modificative" }, town.Finance);
    }

    private async Task<JsonElement> ItemAsync(string query)
    {
        var answer = await town.Process.GetAsync($"/api/subsidies/reports/programmes?{query}", town.Finance);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return Assert.Single(answer.Body.GetProperty("items").EnumerateArray());
    }

    private async Task RecoverAsync(JsonElement grant, long? cents) => Assert.Equal(HttpStatusCode.Created, (await town.Process.PostAsync(
        $"/api/subsidies/grants/{grant.GetProperty("id").GetGuid()}/recovery", new { amountCents = cents, reason = "Réclamation fondée" }, town.Finance, Guid.NewGuid().ToString())).Status);

    private async Task<CommitmentPlaced> GrantedAsync(Guid programme, long net)
    {
        var placed = Facts.Placed(Guid.CreateVersion7(), net, [programme]);
        await TellAsync(placed);
        await TellAsync(Facts.Confirmed(placed.PoolId, 1, (placed, net))[0]);
        return placed;
    }

    private async Task TellAsync(object fact) => Assert.Equal(HttpStatusCode.OK, await town.Process.DeliverAsync(fact, bulk: fact is CommitmentPlaced));

    private static long Amount(JsonElement item, string when, string name) => item.GetProperty(when).GetProperty(name + "Cents").GetInt64();
}
