using System.Net;
using Marketplace.Events.PooledOrders;
using Marketplace.Testing;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Tests here move the clock, which only goes forward: each opens its own pool.</summary>
public sealed class PoolLifeTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    [Fact]
    public async Task a_pool_past_its_deadline_closes_at_one_price_and_everyone_is_charged_once()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var good = (await orders.JoinAsync(pool, 12, method: "pm_card_visa")).Body.GetProperty("id").GetGuid();
        var bad = (await orders.JoinAsync(pool, 9, method: "pm_card_chargeCustomerFail")).Body.GetProperty("id").GetGuid();
        var without = (await orders.JoinAsync(pool, 1)).Body.GetProperty("id").GetGuid();
        var limited = (await orders.JoinAsync(pool, 5, limit: 18_000)).Body.GetProperty("id").GetGuid();

        await orders.AdvancePastAsync(pool);
        var closed = await orders.PoolAsync(pool);
        Assert.Equal(("confirmed", 21_000, 22), (closed.GetProperty("status").GetString(), closed.GetProperty("awardedUnitPriceCents").GetInt32(), closed.GetProperty("orderedQuantity").GetInt32()));
        Assert.Equal("released", (await orders.CommitmentAsync(limited)).GetProperty("status").GetString());
        await orders.GrantAllAsync(pool);
        await orders.GrantAllAsync(pool);

        var paid = await orders.EventuallyAsync(good, "paid");
        Assert.Equal((252_000, 50_400, 302_400), (paid.GetProperty("netCents").GetInt64(), paid.GetProperty("vatCents").GetInt64(), paid.GetProperty("payableCents").GetInt64()));
        var declined = await orders.EventuallyAsync(bad, "payment-failed");
        Assert.Equal("failed", declined.GetProperty("payment").GetProperty("status").GetString());
        Assert.Equal("payment-method-missing", (await orders.EventuallyAsync(without, "payment-failed")).GetProperty("payment").GetProperty("failureCode").GetString());
        var history = (await orders.Process.GetAsync($"/api/commitments/{good}/history", orders.Buyer)).Body.EnumerateArray().Select(f => f.GetProperty("type").GetString()!.Split('.')[1]).ToList();
        Assert.Equal(["commitment-placed", "commitment-confirmed", "aid-changed", "payment-became-due", "commitment-paid"], history);
    }

    [Fact]
    public async Task a_failed_charge_is_made_good_on_session_or_defaults_after_seven_days()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var recovering = TestOrganisation.New();
        var first = (await orders.JoinAsync(pool, 10, method: "pm_card_chargeCustomerFail", business: recovering)).Body.GetProperty("id").GetGuid();
        var second = (await orders.JoinAsync(pool, 10, method: "pm_card_authenticationRequired")).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        await orders.EventuallyAsync(first, "payment-failed");
        await orders.EventuallyAsync(second, "payment-failed");

        var token = orders.Process.Identity.Business(recovering);
        var declined = await orders.Process.PostAsync($"/api/commitments/{first}/payment", new { paymentMethod = "pm_card_visa_chargeDeclined" }, token);
        var paid = await orders.Process.PostAsync($"/api/commitments/{first}/payment", new { paymentMethod = "pm_card_visa" }, token);
        var twice = await orders.Process.PostAsync($"/api/commitments/{first}/payment", new { paymentMethod = "pm_card_visa" }, token);

        Assert.Equal((HttpStatusCode.Conflict, "payment-declined"), (declined.Status, declined.Problem));
        Assert.True(paid.Status == HttpStatusCode.OK, paid.Body.ToString());
        Assert.Equal("paid", paid.Body.GetProperty("status").GetString());
        Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), (twice.Status, twice.Problem));

        await orders.AdvanceAsync(TimeSpan.FromDays(8));
        await orders.EventuallyAsync(second, "defaulted");
        Assert.Equal("defaulted", Assert.Single(await orders.Process.FactsAsync<CommitmentEnded>(second)).Outcome);
        Assert.Equal("paid", (await orders.CommitmentAsync(first)).GetProperty("status").GetString());
    }

    [Fact]
    public async Task a_bank_that_wants_its_customer_present_is_satisfied_on_session()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var business = TestOrganisation.New();
        var id = (await orders.JoinAsync(pool, 10, method: "pm_card_authenticationRequired", business: business)).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        var failed = await orders.EventuallyAsync(id, "payment-failed");
        Assert.Equal("authentication_required", failed.GetProperty("payment").GetProperty("failureCode").GetString());

        var asked = await orders.Process.PostAsync($"/api/commitments/{id}/payment", new { }, orders.Process.Identity.Business(business));

        Assert.True(asked.Status == HttpStatusCode.OK, asked.Body.ToString());
        var payment = asked.Body.GetProperty("payment");
        Assert.Equal("action-required", payment.GetProperty("status").GetString());
        Assert.StartsWith("http", payment.GetProperty("redirectUrl").GetString(), StringComparison.Ordinal);
        Assert.Equal(failed.GetProperty("payment").GetProperty("reference").GetString(), payment.GetProperty("reference").GetString());
    }

    [Fact]
    public async Task a_pool_below_its_minimum_fails_and_nobody_is_charged()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var id = (await orders.JoinAsync(pool, 9, method: "pm_card_visa")).Body.GetProperty("id").GetGuid();

        await orders.AdvancePastAsync(pool);

        Assert.Equal("failed", (await orders.PoolAsync(pool)).GetProperty("status").GetString());
        Assert.Equal("released", (await orders.CommitmentAsync(id)).GetProperty("status").GetString());
        Assert.Equal("failed", Assert.Single(await orders.Process.FactsAsync<PoolEnded>(pool)).Outcome);
        Assert.Equal("pool-not-open", (await orders.JoinAsync(pool)).Problem);
    }

    [Fact]
    public async Task a_suspended_provider_freezes_its_pools_and_the_lost_time_is_given_back()
    {
        var (pack, provider, accreditation) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 1_000);
        var before = (await orders.PoolAsync(pool)).GetProperty("closesAt").GetDateTime();

        await orders.AccreditAsync(provider, accreditation, "suspended", 2);
        Assert.Equal("frozen", (await orders.PoolAsync(pool)).GetProperty("status").GetString());
        Assert.Equal("pool-not-open", (await orders.JoinAsync(pool)).Problem);
        await orders.AccreditAsync(provider, accreditation, "active", 1);
        Assert.Equal("frozen", (await orders.PoolAsync(pool)).GetProperty("status").GetString());
        await orders.AdvanceAsync(TimeSpan.FromHours(5));
        await orders.AccreditAsync(provider, accreditation, "active", 3);

        var thawed = await orders.PoolAsync(pool);
        Assert.Equal("open", thawed.GetProperty("status").GetString());
        Assert.InRange(thawed.GetProperty("closesAt").GetDateTime() - before, TimeSpan.FromHours(5), TimeSpan.FromHours(5) + TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task a_deadline_is_extended_twice_and_by_thirty_days_in_total()
    {
        var pool = await orders.OpenPoolAsync(days: 1_000);
        var deadline = (await orders.PoolAsync(pool)).GetProperty("closesAt").GetDateTime();
        Task<HttpAnswer> ExtendAsync(double days) => orders.Process.PostAsync($"/api/pools/{pool}/extend", new { closesAt = deadline.AddDays(days) }, orders.Buyer);

        Assert.Equal(HttpStatusCode.BadRequest, (await ExtendAsync(-1)).Status);
        Assert.Equal("extension-limit", (await ExtendAsync(31)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await ExtendAsync(10)).Status);
        Assert.Equal("extension-limit", (await ExtendAsync(31)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await ExtendAsync(29)).Status);
        Assert.Equal("extension-limit", (await ExtendAsync(30)).Problem);
    }

    [Fact]
    public async Task a_full_pool_is_closed_early_and_another_is_not()
    {
        var pool = await orders.OpenPoolAsync(max: 20);
        await orders.JoinAsync(pool, 19);
        Assert.Equal("not-full", (await orders.Process.PostAsync($"/api/pools/{pool}/close", null, orders.Buyer)).Problem);
        await orders.JoinAsync(pool, 1);

        var closed = await orders.Process.PostAsync($"/api/pools/{pool}/close", null, orders.Buyer);

        Assert.Equal("confirmed", closed.Body.GetProperty("status").GetString());
        Assert.Equal("pool-not-open", (await orders.Process.PostAsync($"/api/pools/{pool}/close", null, orders.Buyer)).Problem);
    }

    [Fact]
    public async Task a_cancelled_pool_ends_every_commitment_and_says_why()
    {
        var pool = await orders.OpenPoolAsync();
        var id = (await orders.JoinAsync(pool)).Body.GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.BadRequest, (await orders.Process.PostAsync($"/api/pools/{pool}/cancel", new { reason = " " }, orders.Buyer)).Status);
        var cancelled = await orders.Process.PostAsync($"/api/pools/{pool}/cancel", new { reason = "Le marché est relancé" }, orders.Buyer);

        Assert.Equal(("cancelled", "Le marché est relancé"), (cancelled.Body.GetProperty("status").GetString(), cancelled.Body.GetProperty("endReason").GetString()));
        Assert.Equal("cancelled", (await orders.CommitmentAsync(id)).GetProperty("status").GetString());
        Assert.Equal("wrong-status", (await orders.Process.PostAsync($"/api/pools/{pool}/cancel", new { reason = "encore" }, orders.Buyer)).Problem);
    }

    [Fact]
    public async Task listeners_are_told_of_a_join()
    {
        var pool = await orders.OpenPoolAsync();
        using var response = await orders.Process.Http.GetAsync($"/api/pools/{pool}/stream", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.Contains("\"commitmentCount\":0", await NextDataAsync(reader));

        await orders.JoinAsync(pool, 4);

        Assert.Contains("\"committedQuantity\":4", await NextDataAsync(reader));
    }

    private static async Task<string> NextDataAsync(StreamReader reader)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        while (await reader.ReadLineAsync(patience.Token) is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return "";
    }
}
