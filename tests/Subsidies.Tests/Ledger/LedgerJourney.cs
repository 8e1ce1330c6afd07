using System.Net;
using System.Text.Json;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Identity;

namespace Marketplace.Subsidies.Tests.Ledger;

/// <summary>The ledger follows the money from the vote to the certified service.</summary>
[Collection(SharedService.Name)]
public sealed class LedgerJourney(SubsidiesService subsidies)
{
    [Fact]
    public async Task every_move_of_the_money_is_an_entry_and_the_balances_are_the_envelope()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 1_000_00));
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        await subsidies.DeliverAsync(placed);
        await subsidies.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 800_00))[0]);
        await subsidies.DeliverAsync(Facts.Paid(placed));
        await subsidies.DeliverAsync(Facts.Accepted(placed, 800_00));

        var entries = await EntriesAsync($"programmeId={programme}");
        Assert.Equal(
            [
                ("budget-voted", "available", "voted", 1_000_00),
                ("reserved", "reserved", "available", 500_00),
                ("returned", "available", "reserved", 100_00),
                ("granted", "granted", "reserved", 400_00),
                ("committed", "committed", "granted", 400_00),
                ("service-done", "service-done", "committed", 400_00),
            ],
            entries.Select(e => (e.GetProperty("reason").GetString()!, Account(e, 0), Account(e, 1), e.GetProperty("lines")[0].GetProperty("debitCents").GetInt64())));
        Assert.Equal(
            new Dictionary<string, long> { ["available"] = 600_00, ["committed"] = 0, ["granted"] = 0, ["reserved"] = 0, ["service-done"] = 400_00, ["voted"] = -1_000_00 },
            await BalancesAsync(programme));
        Assert.Equal((0, 400_00, 600_00), await subsidies.EnvelopeAsync(programme));
        var grant = await GrantAsync(placed);
        Assert.Equal(("service-done", 400_00, 400_00, 400_00, 0), (grant.Text("status"), grant.Cents("grantedCents"), grant.Cents("committedCents"), grant.Cents("serviceDoneCents"), grant.Cents("orderedCents")));
        Assert.Matches("^ACT-20[0-9]{2}-[0-9]{6}$", grant.Text("actNumber"));
        await AssertVerifiedAsync();
    }

    [Fact]
    public async Task late_early_and_repeated_messages_come_to_the_same_ledger()
    {
        var programme = await subsidies.OpenAsync();
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        await subsidies.DeliverAsync(placed);
        await subsidies.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 1_000_00))[0]);
        var (paid, accepted) = (Facts.Paid(placed), Facts.Accepted(placed, 1_000_00));

        await subsidies.DeliverAsync(accepted);
        await subsidies.DeliverAsync(paid);
        await subsidies.DeliverAsync(accepted);
        await subsidies.DeliverAsync(paid);
        await subsidies.DeliverAsync(Facts.Ended(placed, "defaulted"));

        Assert.Equal("service-done", (await GrantAsync(placed)).Text("status"));
        Assert.Equal(
            ["budget-voted", "reserved", "granted", "committed", "service-done"],
            (await EntriesAsync($"programmeId={programme}")).Select(e => e.Text("reason")));
        Assert.Single(await subsidies.Process.FactsAsync<ServiceDoneCertified>(placed.CommitmentId));
        await AssertVerifiedAsync();
    }

    [Fact]
    public async Task an_acceptance_that_overtakes_the_grant_is_asked_for_again()
    {
        var programme = await subsidies.OpenAsync();
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        Assert.Equal(HttpStatusCode.InternalServerError, await subsidies.Process.DeliverAsync(Facts.Accepted(placed, 1_000_00), bulk: true));
        await subsidies.DeliverAsync(placed);
        Assert.Equal(HttpStatusCode.InternalServerError, await subsidies.Process.DeliverAsync(Facts.Accepted(placed, 1_000_00), bulk: true));
    }

    [Fact]
    public async Task a_short_delivery_lowers_the_grant_and_the_rest_goes_to_those_who_were_too_late()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 500_00));
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        var waiting = Facts.Placed(Guid.CreateVersion7(), 600_00, [programme]);
        await subsidies.DeliverAsync(placed);
        await subsidies.DeliverAsync(waiting);
        await subsidies.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 1_000_00))[0]);
        await subsidies.DeliverAsync(Facts.Paid(placed));
        Assert.Equal(0, (await subsidies.GrantsAsync($"poolId={waiting.PoolId}"))[waiting.CommitmentId].Cents);

        await subsidies.DeliverAsync(Facts.Accepted(placed, 600_00, quantity: 6));

        Assert.Equal(("service-done", 300_00), await StatusAsync(placed));
        Assert.Equal(("reserved", 200_00), await StatusAsync(waiting));
        var certified = Assert.Single(await subsidies.Process.FactsAsync<ServiceDoneCertified>(placed.CommitmentId));
        Assert.Equal((6, 600_00, 300_00), (certified.Quantity, certified.NetCents, certified.Parts[0].AmountCents));
        var recomputation = (await subsidies.Process.GetAsync($"/api/subsidies/grants/{(await GrantAsync(placed)).Text("id")}/recomputation", subsidies.Finance)).Body;
        Assert.True(recomputation.GetProperty("same").GetBoolean());
        await AssertVerifiedAsync();
    }

    [Fact]
    public async Task nothing_delivered_is_nothing_paid()
    {
        var programme = await subsidies.OpenAsync();
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        await subsidies.DeliverAsync(placed);
        await subsidies.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 1_000_00))[0]);
        await subsidies.DeliverAsync(Facts.Accepted(placed, 0, quantity: 0));

        Assert.Equal(("released", 0), await StatusAsync(placed));
        Assert.Equal((0, 0, 1_000_000_00), await subsidies.EnvelopeAsync(programme));
        await AssertVerifiedAsync();
    }

    [Fact]
    public async Task the_ledger_is_for_finance_and_says_what_it_cannot_read()
    {
        foreach (var path in new[] { "/api/subsidies/ledger", "/api/subsidies/ledger/balances", "/api/subsidies/ledger/verification" })
        {
            Assert.Equal(HttpStatusCode.Unauthorized, (await subsidies.Process.GetAsync(path, null)).Status);
            Assert.Equal(HttpStatusCode.Forbidden, (await subsidies.Process.GetAsync(path, subsidies.Process.Identity.Staff(Roles.Buyer))).Status);
            Assert.Equal(HttpStatusCode.OK, (await subsidies.Process.GetAsync(path, subsidies.Finance)).Status);
        }

        foreach (var query in new[] { "account=cash", "from=yesterday", "to=2026-13-01", "cursor=x", "limit=0", "programmeId=1", "reference=x" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await subsidies.Process.GetAsync($"/api/subsidies/ledger?{query}", subsidies.Finance)).Status);
        }
    }

    [Fact]
    public async Task the_ledger_is_read_by_account_and_time_page_by_page()
    {
        var programme = await subsidies.OpenAsync();
        foreach (var _ in Enumerable.Range(0, 5))
        {
            await subsidies.DeliverAsync(Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]));
        }

        var own = $"programmeId={programme}";
        Assert.Equal(6, (await EntriesAsync($"{own}&account=available&limit=2")).Count);
        Assert.Single(await EntriesAsync($"{own}&account=voted"));
        Assert.Empty(await EntriesAsync($"{own}&to=2020-01-01"));
        Assert.Equal(6, (await EntriesAsync($"{own}&from=2020-01-01")).Count);
    }

    private static string Account(JsonElement entry, int line) => entry.GetProperty("lines")[line].GetProperty("account").GetString()!;

    private async Task<(string, long)> StatusAsync(CommitmentPlaced placed)
    {
        var grant = await GrantAsync(placed);
        return (grant.Text("status"), grant.Cents("reservedCents") + grant.Cents("grantedCents"));
    }

    private async Task<JsonElement> GrantAsync(CommitmentPlaced placed) =>
        (await subsidies.Process.GetAsync($"/api/subsidies/grants?poolId={placed.PoolId}", subsidies.Finance)).Body.GetProperty("items")
        .EnumerateArray().Single(g => g.GetProperty("commitmentId").GetGuid() == placed.CommitmentId);

    private async Task<List<JsonElement>> EntriesAsync(string query)
    {
        var entries = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = (await subsidies.Process.GetAsync($"/api/subsidies/ledger?{query}{(cursor is null ? "" : $"&cursor={cursor}")}", subsidies.Finance)).Body;
            entries.AddRange(page.GetProperty("items").EnumerateArray());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return entries;
    }

    private async Task<Dictionary<string, long>> BalancesAsync(Guid programme) =>
        (await subsidies.Process.GetAsync($"/api/subsidies/ledger/balances?programmeId={programme}", subsidies.Finance)).Body.GetProperty("items").EnumerateArray()
        .ToDictionary(b => b.Text("account"), b => b.Cents("balanceCents"));

    private async Task AssertVerifiedAsync()
    {
        var verification = (await subsidies.Process.GetAsync("/api/subsidies/ledger/verification", subsidies.Finance)).Body;
        Assert.True(verification.GetProperty("chainIntact").GetBoolean(), verification.ToString());
        Assert.True(verification.GetProperty("balanced").GetBoolean(), verification.ToString());
        Assert.Equal(JsonValueKind.Null, verification.GetProperty("firstBroken").ValueKind);
    }
}
