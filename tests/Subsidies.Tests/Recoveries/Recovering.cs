using System.Net;
using System.Text.Json;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.Recoveries;
using Marketplace.Subsidies.Tests.Reports;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Recoveries;

/// <summary>Aid taken back after an accepted complaint.</summary>
[Collection(SharedTown.Name)]
public sealed class Recovering(TownService town)
{
    [Fact]
    public async Task what_was_paid_is_claimed_back_part_by_part_and_never_more_than_was_paid()
    {
        var programme = await town.OpenAsync(("budgetCents", 1_000_00));
        var grant = (await town.PaidAsync(programme, 1_000_00))[0];

        var first = await RecoverAsync(grant, 120_00);
        Assert.Equal((HttpStatusCode.Created, 120_00, 0), (first.Status, first.Body.Cents("recoveredCents"), first.Body.Cents("releasedCents")));
        Assert.Matches($"^TR-{ServiceDone.Today.Year}-[0-9]{{6}}$", first.Body.Text("number"));
        Assert.Equal(("paid", 500_00, 120_00), await StateAsync(programme));

        var tooMuch = await RecoverAsync(grant, 380_01);
        Assert.Equal((HttpStatusCode.Conflict, "more-than-paid", 380_00), (tooMuch.Status, tooMuch.Problem, tooMuch.Body.Cents("claimableCents")));
        var rest = await RecoverAsync(grant, null);
        Assert.Equal(380_00, rest.Body.Cents("recoveredCents"));
        Assert.Equal(Number(first) + 1, Number(rest));
        Assert.Equal(("recovered", 500_00, 500_00), await StateAsync(programme));
        Assert.Equal((HttpStatusCode.Conflict, "nothing-to-recover"), Refusal(await RecoverAsync(grant, null)));

        // A claim does not refill the envelope.
        var envelope = (await town.Process.GetAsync($"/api/subsidies/programmes/{programme}", town.Finance)).Body;
        Assert.Equal((0, 0, 500_00), (envelope.Cents("paidCents"), envelope.Cents("grantedCents"), envelope.Cents("availableCents")));
        Assert.Equal(2, (await town.Process.FactsAsync<AidRecovered>(grant.GetProperty("commitmentId").GetGuid())).Count);
        await ServiceDone.AssertVerifiedAsync(town.Process);
    }

    [Fact]
    public async Task what_is_due_returns_to_the_envelope_for_those_who_were_too_late()
    {
        var programme = await town.OpenAsync(("budgetCents", 500_00));
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 1_000_00);
        var grant = (await town.GrantsAsync(programme))[0];
        var waiting = Facts.Placed(Guid.CreateVersion7(), 600_00, [programme]);
        await town.Process.DeliverAsync(waiting, bulk: true);

        var part = await RecoverAsync(grant, 100_00);
        Assert.Equal((HttpStatusCode.Created, 0, 100_00, JsonValueKind.Null), (part.Status, part.Body.Cents("recoveredCents"), part.Body.Cents("releasedCents"), part.Body.GetProperty("number").ValueKind));
        Assert.Equal((("service-done", 400_00), ("reserved", 100_00)), await BothAsync());
        Assert.True((await town.Process.GetAsync($"/api/subsidies/grants/{grant.Text("id")}/recomputation", town.Finance)).Body.GetProperty("same").GetBoolean());

        await RecoverAsync(grant, null);
        Assert.Equal((("released", 0), ("reserved", 300_00)), await BothAsync());
        Assert.Equal((HttpStatusCode.Conflict, "nothing-to-recover"), Refusal(await RecoverAsync(grant, 1)));
        await ServiceDone.AssertVerifiedAsync(town.Process);

        async Task<((string, long), (string, long))> BothAsync()
        {
            var grants = (await town.GrantsAsync(programme)).ToDictionary(g => g.GetProperty("commitmentId").GetGuid());
            var (own, other) = (grants[grant.GetProperty("commitmentId").GetGuid()], grants[waiting.CommitmentId]);
            return ((own.Text("status"), own.Cents("grantedCents")), (other.Text("status"), other.Cents("reservedCents")));
        }
    }

    [Fact]
    public async Task of_a_grant_that_was_paid_in_part_the_rest_is_released_before_anything_is_claimed()
    {
        var programme = await town.OpenAsync();
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 1_000_00);
        await TownBank.PayPartAsync(town.Process, await ServiceDone.ApprovedRunAsync(town.Process, programme), 300_00);
        var grant = (await town.GrantsAsync(programme))[0];

        var taken = await RecoverAsync(grant, 250_00);

        Assert.Equal((HttpStatusCode.Created, 50_00, 200_00), (taken.Status, taken.Body.Cents("recoveredCents"), taken.Body.Cents("releasedCents")));
        Assert.Equal(("paid", 300_00, 50_00), await StateAsync(programme));
        Assert.Equal((HttpStatusCode.Conflict, "nothing-due"), Refusal(await ServiceDone.PrepareAsync(town.Process, programme, town.Finance)));
        await ServiceDone.AssertVerifiedAsync(town.Process);
    }

    [Fact]
    public async Task what_is_in_a_payment_run_has_to_leave_it_first()
    {
        var programme = await town.OpenAsync();
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 1_000_00);
        var grant = (await town.GrantsAsync(programme))[0];
        var run = (await ServiceDone.PrepareAsync(town.Process, programme, town.Finance)).Body;

        var refused = await RecoverAsync(grant, 10_00);
        Assert.Equal((HttpStatusCode.Conflict, "in-payment-run", 500_00), (refused.Status, refused.Problem, refused.Body.Cents("inRunCents")));

        Assert.Equal(HttpStatusCode.OK, (await town.Process.PostAsync($"/api/subsidies/payment-runs/{run.GetProperty("id").GetGuid()}/cancel", new { reason = "Réclamation" }, town.Finance)).Status);
        Assert.Equal(HttpStatusCode.Created, (await RecoverAsync(grant, null)).Status);
        Assert.Equal((HttpStatusCode.Conflict, "nothing-due"), Refusal(await ServiceDone.PrepareAsync(town.Process, programme, town.Finance)));
        await ServiceDone.AssertVerifiedAsync(town.Process);
    }

    [Fact]
    public async Task aid_before_the_service_is_done_is_not_recovered_but_released_with_its_commitment()
    {
        var programme = await town.OpenAsync();
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        await town.Process.DeliverAsync(placed, bulk: true);
        Assert.Equal((HttpStatusCode.Conflict, "nothing-to-recover"), Refusal(await RecoverAsync((await town.GrantsAsync(programme))[0], null)));
        await town.Process.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 1_000_00))[0]);
        Assert.Equal((HttpStatusCode.Conflict, "nothing-to-recover"), Refusal(await RecoverAsync((await town.GrantsAsync(programme))[0], 5_00)));
    }

    [Fact]
    public async Task aid_taken_back_no_longer_counts_against_the_ceiling_and_the_cap()
    {
        var business = TestOrganisation.New();
        var programme = await town.OpenAsync(("deMinimis", true), ("capCents", 500_00));
        var grant = (await town.PaidAsync(programme, 1_000_00))[0];
        var siren = grant.Text("siren");
        Assert.Equal(500_00, await UsedAsync());

        await RecoverAsync(grant, 200_00);

        Assert.Equal(300_00, await UsedAsync());
        var again = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme], business with { Siret = siren + "00019" });
        await town.Process.DeliverAsync(again, bulk: true);
        Assert.Equal(200_00, (await town.GrantsAsync(programme)).Single(g => g.GetProperty("commitmentId").GetGuid() == again.CommitmentId).Cents("reservedCents"));

        async Task<long> UsedAsync() => (await town.Process.GetAsync($"/api/subsidies/beneficiaries/{siren}", town.Finance)).Body.GetProperty("deMinimis").Cents("usedCents");
    }

    [Fact]
    public async Task the_same_request_twice_claims_once_and_the_list_shows_each()
    {
        var programme = await town.OpenAsync();
        var grants = await town.PaidAsync(programme, 1_000_00, 1_000_00, 1_000_00);
        var key = Guid.NewGuid().ToString();
        var (one, two) = (await RecoverAsync(grants[0], 10_00, key), await RecoverAsync(grants[0], 10_00, key));
        Assert.Equal(one.Body.Text("id"), two.Body.Text("id"));
        var together = await Task.WhenAll(RecoverAsync(grants[1], 20_00), RecoverAsync(grants[1], 30_00), RecoverAsync(grants[2], null), RecoverAsync(grants[2], null));
        Assert.Equal(1, together.Count(t => t.Status == HttpStatusCode.Conflict));

        var seen = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = (await town.Process.GetAsync($"/api/subsidies/recoveries?programmeId={programme}&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", town.Finance)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal([10_00, 20_00, 30_00, 500_00], seen.Select(r => r.Cents("recoveredCents")).Order());
        var numbers = seen.Select(r => int.Parse(r.Text("number").Split('-')[^1])).Order().ToList();
        Assert.Equal(Enumerable.Range(numbers[0], 4), numbers);
        Assert.Equal(one.Body.Text("number"), (await town.Process.GetAsync($"/api/subsidies/recoveries/{one.Body.Text("id")}", town.Finance)).Body.Text("number"));
        Assert.Single((await town.Process.GetAsync($"/api/subsidies/recoveries?grantId={grants[0].GetProperty("id").GetGuid()}", town.Finance)).Body.GetProperty("items").EnumerateArray());
        await ServiceDone.AssertVerifiedAsync(town.Process);
    }

    [Fact]
    public async Task a_grant_tells_its_history_from_the_reservation_to_the_recovery()
    {
        var programme = await town.OpenAsync();
        var grant = (await town.PaidAsync(programme, 1_000_00))[0];
        await RecoverAsync(grant, 10_00);

        var answer = await town.Process.GetAsync($"/api/subsidies/grants/{grant.GetProperty("id").GetGuid()}/history", town.Finance);

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        var items = answer.Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(
            ["subsidies.aid-reserved.v1", "subsidies.aid-granted.v1", "subsidies.service-done-certified.v1", "subsidies.aid-recovered.v1"],
            items.Where(i => i.GetProperty("fact").ValueKind != JsonValueKind.Null).Select(i => i.Text("type")));
        Assert.Equal(
            ["reserved", "granted", "committed", "service-done", "ordered", "paid", "recovered"],
            items.Where(i => i.GetProperty("entry").ValueKind != JsonValueKind.Null).Select(i => i.Text("type")));
        Assert.Equal(items.Select(i => i.GetProperty("at").GetDateTime()).Order(), items.Select(i => i.GetProperty("at").GetDateTime()));
        Assert.Equal(HttpStatusCode.NotFound, (await town.Process.GetAsync($"/api/subsidies/grants/{Guid.NewGuid()}/history", town.Finance)).Status);
    }

    [Theory]
    [InlineData("{}", "reason")]
    [InlineData("{\"reason\":\" \"}", "reason")]
    [InlineData("{\"reason\":\"x\",\"amountCents\":0}", "amountCents")]
    [InlineData("{\"reason\":\"x\",\"amountCents\":-1}", "amountCents")]
    [InlineData("{\"reason\":\"x\",\"amountCents\":1.5}", "amountCents")]
    [InlineData("{\"reason\":\"x\",\"amountCents\":99999999999999999999}", "amountCents")]
    [InlineData("{\"reason\":\"LONG\"}", "reason")]
    [InlineData("{\"reason\":\"\\u0000\"}", "reason")]
    [InlineData("null", "")]
    public async Task bad_input_is_refused_by_field_and_changes_nothing(string json, string field)
    {
        var programme = await town.OpenAsync();
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 100_00);
        var grant = (await town.GrantsAsync(programme))[0];

        var answer = await town.Process.PostAsync(Path(grant), json.Replace("LONG", new string('x', 2_001), StringComparison.Ordinal), town.Finance, Guid.NewGuid().ToString());

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == field);
        Assert.Equal(("service-done", 0, 0), await StateAsync(programme));
    }

    [Fact]
    public async Task only_finance_takes_aid_back_and_only_with_a_key()
    {
        var programme = await town.OpenAsync();
        await ServiceDone.DeliverAsync(town.Process, programme, TestProvider.New(), 100_00);
        var grant = (await town.GrantsAsync(programme))[0];
        var body = new { reason = "Réclamation" };
        Assert.Equal((HttpStatusCode.BadRequest, "idempotency-key-required"), Refusal(await town.Process.PostAsync(Path(grant), body, town.Finance)));
        Assert.Equal(HttpStatusCode.NotFound, (await town.Process.PostAsync($"/api/subsidies/grants/{Guid.NewGuid()}/recovery", body, town.Finance, "k")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await town.Process.GetAsync($"/api/subsidies/recoveries/{Guid.NewGuid()}", town.Finance)).Status);
        foreach (var (token, expected) in new[]
        {
            (town.Process.Identity.Staff(Roles.Buyer, Roles.Assessor, Roles.Admin), HttpStatusCode.Forbidden),
            (town.Process.Identity.Provider(TestOrganisation.New()), HttpStatusCode.Forbidden),
            (town.Process.Identity.Business(TestOrganisation.New()), HttpStatusCode.Forbidden),
            (null, HttpStatusCode.Unauthorized),
        })
        {
            Assert.Equal(expected, (await town.Process.PostAsync(Path(grant), body, token, Guid.NewGuid().ToString())).Status);
            Assert.Equal(expected, (await town.Process.GetAsync("/api/subsidies/recoveries", token)).Status);
        }

        Assert.Equal(("service-done", 0, 0), await StateAsync(programme));
    }

    private Task<HttpAnswer> RecoverAsync(JsonElement grant, long? cents, string? key = null) =>
        town.Process.PostAsync(Path(grant), new { amountCents = cents, reason = "Réclamation fondée du 3 décembre" }, town.Finance, key ?? Guid.NewGuid().ToString());

    private static string Path(JsonElement grant) => $"/api/subsidies/grants/{grant.GetProperty("id").GetGuid()}/recovery";

    private static (HttpStatusCode, string?) Refusal(HttpAnswer answer) => (answer.Status, answer.Problem);

    private static int Number(HttpAnswer answer) => int.Parse(answer.Body.Text("number").Split('-')[^1]);

    private async Task<(string, long, long)> StateAsync(Guid programme)
    {
        var grant = Assert.Single(await town.GrantsAsync(programme));
        return (grant.Text("status"), grant.Cents("paidCents"), grant.Cents("recoveredCents"));
    }
}
