using System.Net;
using System.Text.Json;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.PaymentRuns;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>What is due is gathered into one transfer per provider, once.</summary>
[Collection(SharedPayingService.Name)]
public sealed class Preparing(PayingService paying)
{
    private ServiceProcess Service => paying.Process;

    [Fact]
    public async Task a_run_pays_each_provider_once_and_orders_its_aid()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var (artois, lys) = (TestProvider.New("Artois Cyber"), TestProvider.New("Lys Réseaux"));
        await ServiceDone.DeliverAsync(Service, programme, artois, 1_000_00, 500_00);
        await ServiceDone.DeliverAsync(Service, programme, lys, 300_02);
        await ServiceDone.DeliverAsync(Service, programme, artois, 100_00);
        var before = (await Service.GetAsync($"/api/subsidies/programmes/{programme}", paying.Finance)).Body.ToString();

        var answer = await ServiceDone.PrepareAsync(Service, programme, paying.Finance);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var run = answer.Body;
        Assert.Equal($"/api/subsidies/payment-runs/{run.Text("id")}", answer.Headers.Location!.ToString());
        Assert.Matches($"^PR-{ServiceDone.Today.Year}-[0-9]{{6}}$", run.Text("number"));
        Assert.Equal(("prepared", 950_01, 1, $"{ServiceDone.Today:yyyy-MM-dd}"), (run.Text("status"), run.Cents("totalCents"), run.GetProperty("version").GetInt32(), run.Text("executionDate")));
        var transfers = run.GetProperty("transfers").EnumerateArray().ToList();
        Assert.Equal(
            [
                (artois.Id, "Artois Cyber", artois.Iban!, 800_00, 3, $"{run.Text("number")}-000001", "prepared"),
                (lys.Id, "Lys Réseaux", lys.Iban!, 150_01, 1, $"{run.Text("number")}-000002", "prepared"),
            ],
            transfers.Select(t => (
                t.GetProperty("providerId").GetGuid(), t.Text("providerName"), t.Text("iban"), t.Cents("amountCents"), t.GetProperty("grantCount").GetInt32(), t.Text("endToEndId"), t.Text("status"))));
        Assert.Equal(run.ToString(), (await paying.RunAsync(run.Text("id"))).ToString());

        var grants = (await Service.GetAsync($"/api/subsidies/grants?programmeId={programme}", paying.Finance)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.All(grants, g => Assert.Equal(("ordered", g.Cents("serviceDoneCents"), 0), (g.Text("status"), g.Cents("orderedCents"), g.Cents("paidCents"))));
        Assert.Equal(before, (await Service.GetAsync($"/api/subsidies/programmes/{programme}", paying.Finance)).Body.ToString());
        var entries = (await Service.GetAsync($"/api/subsidies/ledger?document={run.Text("id")}", paying.Finance)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(grants.Select(g => g.GetProperty("id").GetGuid()).Order(), entries.Select(e => e.GetProperty("reference").GetGuid()).Order());
        Assert.All(entries, e => Assert.Equal(("ordered", "ordered", "service-done"), (e.Text("reason"), e.GetProperty("lines")[0].Text("account"), e.GetProperty("lines")[1].Text("account"))));
        var told = Assert.Single(await Service.FactsAsync<PaymentRunPrepared>(run.GetProperty("id").GetGuid()));
        Assert.Equal((950_01, 2, programme), (told.TotalCents, told.TransferCount, told.ProgrammeId));
        await ServiceDone.AssertVerifiedAsync(Service);
    }

    [Fact]
    public async Task the_grants_of_a_run_are_paged_with_their_transfers()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var placed = await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 10_00, 20_00, 30_00, 40_00, 50_00);
        var run = (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body;

        var seen = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Service.GetAsync($"/api/subsidies/payment-runs/{run.Text("id")}/grants?limit=2{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", paying.Finance)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(placed.Select(p => p.CommitmentId).Order(), seen.Select(g => g.GetProperty("commitmentId").GetGuid()).Order());
        Assert.Equal(75_00, seen.Sum(g => g.Cents("amountCents")));
        Assert.All(seen, g => Assert.Equal((run.GetProperty("transfers")[0].Text("id"), true, "ordered"), (g.Text("transferId"), g.GetProperty("active").GetBoolean(), g.Text("grantStatus"))));
        Assert.Equal(HttpStatusCode.NotFound, (await Service.GetAsync($"/api/subsidies/payment-runs/{Guid.NewGuid()}/grants", paying.Finance)).Status);
    }

    [Fact]
    public async Task a_provider_without_an_account_is_left_out_and_named_until_it_has_one()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var (paid, without) = (TestProvider.New(), TestProvider.New("Sans Compte", withIban: false));
        await ServiceDone.DeliverAsync(Service, programme, without, 400_00, 200_00);
        var refused = await ServiceDone.PrepareAsync(Service, programme, paying.Finance);
        Assert.Equal((HttpStatusCode.Conflict, "iban-missing"), (refused.Status, refused.Problem));
        AssertNamed(refused.Body);

        await ServiceDone.DeliverAsync(Service, programme, paid, 100_00);
        var first = (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body;
        Assert.Equal(50_00, first.Cents("totalCents"));
        AssertNamed(first);
        AssertNamed(await paying.RunAsync(first.Text("id")));

        await Service.SendAsync(HttpMethod.Put, $"/api/subsidies/payees/{without.Id}", new { iban = TestProvider.RandomIban() }, paying.Finance);
        var second = (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body;
        Assert.Equal((300_00, 0), (second.Cents("totalCents"), second.GetProperty("leftOut").GetArrayLength()));
        await ServiceDone.AssertVerifiedAsync(Service);

        void AssertNamed(JsonElement body)
        {
            var left = Assert.Single(body.GetProperty("leftOut").EnumerateArray());
            Assert.Equal((without.Id, "Sans Compte", 300_00, 2, "iban-missing"), (left.GetProperty("providerId").GetGuid(), left.Text("providerName"), left.Cents("amountCents"), left.GetProperty("grantCount").GetInt32(), left.Text("reason")));
        }
    }

    [Fact]
    public async Task more_than_one_transfer_may_carry_is_left_out()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service, ("budgetCents", 1_000_000_000_000));
        await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 199_999_999_998, 4);

        var refused = await ServiceDone.PrepareAsync(Service, programme, paying.Finance);

        Assert.Equal((HttpStatusCode.Conflict, "amount-too-large"), (refused.Status, refused.Problem));
        Assert.Equal(100_000_000_001, Assert.Single(refused.Body.GetProperty("leftOut").EnumerateArray()).Cents("amountCents"));
    }

    [Fact]
    public async Task nothing_is_due_before_the_service_is_done_and_after_it_was_ordered()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        await Service.DeliverAsync(placed, bulk: true);
        await Service.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 1_000_00))[0]);
        Assert.Equal("nothing-due", (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Problem);

        await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 10_00);
        Assert.Equal(HttpStatusCode.Created, (await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Status);
        var again = await ServiceDone.PrepareAsync(Service, programme, paying.Finance);
        Assert.Equal((HttpStatusCode.Conflict, "nothing-due"), (again.Status, again.Problem));
    }

    [Fact]
    public async Task the_same_key_prepares_one_run()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 100_00);
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => ServiceDone.PrepareAsync(Service, programme, paying.Finance, key)));

        Assert.All(answers, a => Assert.Equal((HttpStatusCode.Created, answers[0].Body.Text("id")), (a.Status, a.Body.Text("id"))));
        Assert.Equal(4, answers.Count(a => a.Headers.Contains("Idempotency-Replayed")));
        var other = await Service.PostAsync("/api/subsidies/payment-runs", new { programmeId = programme, executionDate = ServiceDone.Today.AddDays(1) }, paying.Finance, key);
        Assert.Equal("idempotency-key-reused", other.Problem);
        var without = await Service.PostAsync("/api/subsidies/payment-runs", new { programmeId = programme, executionDate = ServiceDone.Today }, paying.Finance);
        Assert.Equal((HttpStatusCode.BadRequest, "idempotency-key-required"), (without.Status, without.Problem));
        Assert.Single(await ListedAsync($"programmeId={programme}"));
    }

    [Fact]
    public async Task bad_input_is_told_and_changes_nothing()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 100_00);
        var today = ServiceDone.Today;
        (object Body, string Field)[] bad =
        [
            (new { programmeId = programme }, "executionDate"),
            (new { executionDate = today }, "programmeId"),
            (new { programmeId = programme, executionDate = today.AddDays(-1) }, "executionDate"),
            (new { programmeId = programme, executionDate = today.AddYears(1).AddDays(1) }, "executionDate"),
            (new { programmeId = programme, executionDate = "2026-02-30" }, "executionDate"),
            (new { programmeId = programme, executionDate = $"{today:yyyy-MM-dd}T10:00:00Z" }, "executionDate"),
            (new { programmeId = "x", executionDate = today }, "programmeId"),
            ("{\"programmeId\":", ""),
            ("null", ""),
        ];
        foreach (var (body, field) in bad)
        {
            var refused = await Service.PostAsync("/api/subsidies/payment-runs", body, paying.Finance, Guid.NewGuid().ToString());
            Assert.Equal((body.ToString(), HttpStatusCode.BadRequest, "invalid-input"), (body.ToString(), refused.Status, refused.Problem));
            Assert.True(field.Length == 0 || refused.Body.GetProperty("errors").TryGetProperty(field, out _), refused.Body.ToString());
        }

        var unknown = await Service.PostAsync("/api/subsidies/payment-runs", new { programmeId = Guid.NewGuid(), executionDate = today }, paying.Finance, Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Service.GetAsync("/api/subsidies/payment-runs?status=paid", paying.Finance)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Service.GetAsync($"/api/subsidies/payment-runs/{Guid.NewGuid()}", paying.Finance)).Status);
        Assert.Empty(await ListedAsync($"programmeId={programme}"));

        var latest = await Service.PostAsync("/api/subsidies/payment-runs", new { programmeId = programme, executionDate = today.AddYears(1) }, paying.Finance, Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.Created, latest.Status);
    }

    [Fact]
    public async Task runs_are_for_finance_only()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var id = Guid.NewGuid();
        (HttpMethod Method, string Path)[] calls =
        [
            (HttpMethod.Post, ""), (HttpMethod.Get, ""), (HttpMethod.Get, $"/{id}"), (HttpMethod.Get, $"/{id}/grants"), (HttpMethod.Get, $"/{id}/pain001"),
            (HttpMethod.Post, $"/{id}/approve"), (HttpMethod.Post, $"/{id}/cancel"),
        ];
        foreach (var (method, path) in calls)
        {
            var body = method == HttpMethod.Post ? new { programmeId = programme, executionDate = ServiceDone.Today, reason = "x" } : null;
            Assert.Equal(HttpStatusCode.Unauthorized, (await Service.SendAsync(method, $"/api/subsidies/payment-runs{path}", body, null, "key")).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await Service.SendAsync(method, $"/api/subsidies/payment-runs{path}", body, Service.Identity.Staff(Roles.Buyer, Roles.Assessor, Roles.Admin), "key")).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await Service.SendAsync(method, $"/api/subsidies/payment-runs{path}", body, Service.Identity.Provider(TestOrganisation.New()), "key")).Status);
        }
    }

    [Fact]
    public async Task the_list_is_newest_first_and_filtered()
    {
        var programme = await ServiceDone.OpenProgrammeAsync(Service);
        var numbers = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            await ServiceDone.DeliverAsync(Service, programme, TestProvider.New(), 10_00);
            numbers.Add((await ServiceDone.PrepareAsync(Service, programme, paying.Finance)).Body.Text("number"));
        }

        var newest = (await ListedAsync($"programmeId={programme}&limit=2")).Select(r => r.Text("number"));
        Assert.Equal([numbers[2], numbers[1], numbers[0]], newest);
        Assert.Equal(3, (await ListedAsync($"programmeId={programme}&status=prepared")).Count);
        Assert.Empty(await ListedAsync($"programmeId={programme}&status=approved"));
    }

    private async Task<List<JsonElement>> ListedAsync(string filter)
    {
        var items = new List<JsonElement>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Service.GetAsync($"/api/subsidies/payment-runs?{filter}{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", paying.Finance)).Body;
            items.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }

        return items;
    }
}
