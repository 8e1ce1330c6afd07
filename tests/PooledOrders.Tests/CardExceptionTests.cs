using System.Net;
using System.Text.Json;
using Marketplace.PooledOrders.CardReconciliation;
using static Marketplace.PooledOrders.Tests.FinanceDesk;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Every kind of difference that the payment provider's simulator can be brought to make.</summary>
public sealed class CardExceptionTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    private const string Path = FinanceDesk.Path;
    private readonly FinanceDesk desk = new(orders);

    [Fact]
    public async Task a_second_charge_is_a_duplicate_that_a_person_resolves_once_with_a_reason()
    {
        var (pool, commitment, _) = await desk.PaidAsync();
        await desk.StripeAsync("v1/payment_intents", $"amount=5000&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true&metadata[commitment_id]={commitment}");
        await desk.RefreshAsync();

        var body = await desk.ReadAsync(pool);
        var found = Assert.Single(body.GetProperty("exceptions").EnumerateArray());
        Assert.Equal(("duplicate", "open", commitment, -5_000), (found.GetProperty("kind").GetString(), found.GetProperty("status").GetString(), found.GetProperty("commitmentId").GetGuid(), Cents(found, "difference")));
        Assert.Equal(-5_000, Cents(body, "difference"));

        var address = $"{Path}/exceptions/{found.GetProperty("id").GetGuid()}";
        Assert.Equal(HttpStatusCode.BadRequest, (await orders.Process.PostAsync($"{address}/resolve", new { resolution = "refunded", reason = " " }, desk.Token)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.PostAsync($"{address}/resolve", new { resolution = "refunded", reason = "r" }, orders.Buyer)).Status);
        var resolved = await orders.Process.PostAsync($"{address}/resolve", new { resolution = "refunded", reason = "Remboursé à la main" }, desk.Token);
        Assert.Equal((HttpStatusCode.OK, "resolved"), (resolved.Status, resolved.Body.GetProperty("status").GetString()));
        Assert.Equal("wrong-status", (await orders.Process.PostAsync($"{address}/resolve", new { resolution = "refunded", reason = "encore" }, desk.Token)).Problem);

        await desk.RefreshAsync();
        Assert.Equal("resolved", (await orders.Process.GetAsync(address, desk.Token)).Body.GetProperty("status").GetString());
        Assert.Equal(
            ["pooled-orders.card-exception-raised.v1", "pooled-orders.card-exception-resolved.v1"],
            (await orders.Process.GetAsync($"{address}/history", desk.Token)).Body.EnumerateArray().Select(f => f.GetProperty("type").GetString()));
    }

    [Fact]
    public async Task a_charge_that_is_not_ours_is_unknown_and_belongs_to_no_pool()
    {
        var intent = await desk.StripeAsync("v1/payment_intents", "amount=777&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true");
        await desk.RefreshAsync();

        var all = (await orders.Process.GetAsync($"{Path}/exceptions?status=open&kind=unknown&limit=200", desk.Token)).Body.GetProperty("items").EnumerateArray();
        Assert.Equal(JsonValueKind.Null, Assert.Single(all, x => Cents(x, "statement") == 777).GetProperty("poolId").ValueKind);
        Assert.Equal("succeeded", intent.GetProperty("status").GetString());
    }

    [Fact]
    public async Task an_amount_that_differs_is_an_exception_until_both_sides_agree_again()
    {
        var (pool, commitment, _) = await desk.PaidAsync();
        await desk.ExecuteAsync("update payment set amount_cents = amount_cents + 1 where commitment_id = @commitment", new { commitment });
        await desk.RefreshAsync();
        var found = Assert.Single((await desk.ReadAsync(pool)).GetProperty("exceptions").EnumerateArray());
        Assert.Equal(("partial", 1), (found.GetProperty("kind").GetString(), Cents(found, "difference")));

        await desk.ExecuteAsync("update payment set amount_cents = amount_cents - 2 where commitment_id = @commitment", new { commitment });
        await desk.RefreshAsync();
        found = Assert.Single((await desk.ReadAsync(pool)).GetProperty("exceptions").EnumerateArray());
        Assert.Equal(("over", -1), (found.GetProperty("kind").GetString(), Cents(found, "difference")));

        await desk.ExecuteAsync("update payment set amount_cents = amount_cents + 1 where commitment_id = @commitment", new { commitment });
        await desk.RefreshAsync();
        var body = await desk.ReadAsync(pool);
        Assert.Empty(body.GetProperty("exceptions").EnumerateArray());
        Assert.Equal(0, Cents(body, "difference"));
        Assert.Equal("closed", (await orders.Process.GetAsync($"{Path}/exceptions/{found.GetProperty("id").GetGuid()}", desk.Token)).Body.GetProperty("status").GetString());
    }

    [Fact]
    public async Task a_payment_without_a_line_is_missing_after_five_days()
    {
        var (pool, commitment) = await desk.DueAsync(null, "payment-failed");
        await desk.ExecuteAsync("update payment set status = 'succeeded', payment_intent_id = @intent, paid_at = @now where commitment_id = @commitment", new { intent = $"pi_{commitment:N}", now = orders.Now, commitment });
        await desk.RefreshAsync();
        var early = await desk.ReadAsync(pool);
        Assert.Equal((1, 288_000), CountAndCents(early, "waiting"));
        Assert.Empty(early.GetProperty("exceptions").EnumerateArray());

        await orders.AdvanceAsync(TimeSpan.FromDays(5) + TimeSpan.FromSeconds(2));
        await desk.RefreshAsync();
        var late = await desk.ReadAsync(pool);
        Assert.Equal("missing", Assert.Single(late.GetProperty("exceptions").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Equal(288_000, Cents(late, "difference"));
    }

    [Fact]
    public async Task money_that_the_payers_bank_took_back_is_disputed_in_its_pool()
    {
        var (pool, _, intent) = await desk.PaidAsync("pm_card_createDispute");
        await FinanceDesk.UntilAsync(async () => (await desk.StripeAsync($"v1/disputes?payment_intent={intent}")).GetProperty("data").GetArrayLength() == 1);
        await desk.RefreshAsync();

        var body = await desk.ReadAsync(pool);
        Assert.Equal("disputed", Assert.Single(body.GetProperty("exceptions").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Equal((288_000, -288_000), (Cents(body, "difference"), Cents(body, "adjustments")));
        Assert.Equal((1, 288_000), CountAndCents(body, "exact"));
        Assert.Equal(Cents(body, "net"), 288_000 - 288_000 - Cents(body, "fees"));
    }

    [Fact]
    public async Task a_refund_agrees_by_its_own_id_and_one_that_comes_back_is_an_exception()
    {
        var (pool, commitment, intent) = await desk.PaidAsync("pm_card_refundFail");
        var unrecorded = await desk.StripeAsync("v1/refunds", $"payment_intent={intent}&amount=1000");
        await desk.RefreshAsync();
        Assert.Equal("unknown", Assert.Single((await desk.ReadAsync(pool)).GetProperty("exceptions").EnumerateArray()).GetProperty("kind").GetString());

        await desk.ExecuteAsync(
            """
            insert into refund (id, commitment_id, reason, amount_cents, status, idempotency_key, refund_reference, asked_at)
            values (@id, @commitment, 'short-delivery', 1000, 'succeeded', @key, @reference, @now)
            """, new { id = Guid.CreateVersion7(), commitment, key = $"test:{commitment}", reference = unrecorded.GetProperty("id").GetString(), now = orders.Now });
        await desk.RefreshAsync();
        var body = await desk.ReadAsync(pool);
        Assert.Empty(body.GetProperty("exceptions").EnumerateArray());
        Assert.Equal(((1, 1_000), (1, 1_000), 0), (CountAndCents(body, "refunded"), CountAndCents(body, "exactRefunds"), Cents(body, "difference")));

        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromHours(2));
        await FinanceDesk.UntilAsync(async () => (await desk.StripeAsync($"v1/refunds/{unrecorded.GetProperty("id").GetString()}")).GetProperty("status").GetString() == "failed");
        await desk.RefreshAsync();
        body = await desk.ReadAsync(pool);
        Assert.Equal("refund-failed", Assert.Single(body.GetProperty("exceptions").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Equal(-1_000, Cents(body, "difference"));
    }

    [Fact]
    public async Task a_short_delivery_agrees_on_both_sides_and_its_refund_that_the_bank_sent_back_does_too_once_it_is_known()
    {
        var pool = await PaidPool.CreateAsync(orders, [20], "pm_card_refundFail");
        await pool.SettleAsync(0, 13);
        await pool.EventuallyRefundAsync(0, "succeeded");
        await desk.RefreshAsync();
        var body = await desk.ReadAsync(pool.Id);
        Assert.Empty(body.GetProperty("exceptions").EnumerateArray());
        Assert.Equal(((1, 504_000), (1, 176_400), 0), (CountAndCents(body, "exact"), CountAndCents(body, "exactRefunds"), Cents(body, "difference")));

        var refund = Assert.Single(await pool.RefundsAsync(0)).GetProperty("id").GetString()!;
        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromHours(2));
        await FinanceDesk.UntilAsync(async () => (await desk.StripeAsync($"v1/refunds/{refund}")).GetProperty("status").GetString() == "failed");
        await orders.SendWebhookAsync("refund.failed", refund);
        await pool.EventuallyRefundAsync(0, "failed");
        await desk.RefreshAsync();
        body = await desk.ReadAsync(pool.Id);
        Assert.Equal("refund-failed", Assert.Single(body.GetProperty("exceptions").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Equal(((1, 504_000), (0, 0), 0), (CountAndCents(body, "recorded"), CountAndCents(body, "recordedRefunds"), Cents(body, "difference")));
    }

    [Fact]
    public async Task two_instances_at_once_find_each_difference_once()
    {
        var (pool, commitment, _) = await desk.PaidAsync();
        await desk.StripeAsync("v1/payment_intents", $"amount=6000&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true&metadata[commitment_id]={commitment}");
        var second = await orders.SecondInstanceAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => (i % 2 == 0 ? orders.Process : second).PostAsync($"{Path}/refresh", null, desk.Token)));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a.Status));
        Assert.Single((await desk.ReadAsync(pool)).GetProperty("exceptions").EnumerateArray());
        Assert.Single(await orders.Process.FactsAsync<CardExceptionRaised>(), f => f.CommitmentId == commitment);
    }

    [Fact]
    public async Task a_service_killed_between_fetching_and_judging_finds_the_difference_once_after_its_restart()
    {
        var (pool, commitment, _) = await desk.PaidAsync();
        await desk.StripeAsync("v1/payment_intents", $"amount=7000&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true&metadata[commitment_id]={commitment}");
        await orders.Simulator.PostAsync("/simulator/switches", "{\"path\":\"/v1/payouts\",\"slow_ms\":5000,\"slow_count\":1}", null);
        var cut = orders.Process.PostAsync($"{Path}/refresh", null, desk.Token);
        await FinanceDesk.UntilAsync(async () => await desk.ScalarAsync("select count(*) from balance_transaction where not judged") > 0);
        await orders.RestartAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => cut);

        await desk.RefreshAsync();

        Assert.Equal("duplicate", Assert.Single((await desk.ReadAsync(pool)).GetProperty("exceptions").EnumerateArray()).GetProperty("kind").GetString());
        Assert.Single(await orders.Process.FactsAsync<CardExceptionRaised>(), f => f.CommitmentId == commitment);
    }

    [Fact]
    public async Task the_figures_of_all_pools_together_add_up_whatever_happened()
    {
        await desk.PaidAsync();
        var (_, commitment, intent) = await desk.PaidAsync("pm_card_bypassPending");
        await desk.StripeAsync("v1/payment_intents", $"amount=9900&currency=eur&payment_method=pm_card_createDispute&confirm=true&off_session=true&metadata[commitment_id]={commitment}");
        await desk.StripeAsync("v1/refunds", $"payment_intent={intent}&amount=55");
        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromDays(4));
        await desk.StripeAsync("simulator/payouts", "");
        await desk.RefreshAsync();

        var body = (await orders.Process.GetAsync(Path, desk.Token)).Body;

        var movements = CountAndCents(body, "charged").Cents - CountAndCents(body, "refunded").Cents + Cents(body, "adjustments");
        Assert.Equal(movements - Cents(body, "fees"), Cents(body, "net"));
        Assert.Equal(Cents(body, "net"), Cents(body, "paidOut") + Cents(body, "pendingPayout"));
        Assert.Equal(CountAndCents(body, "recorded").Cents - CountAndCents(body, "recordedRefunds").Cents - movements, Cents(body, "difference"));
        Assert.All(body.GetProperty("payouts").EnumerateArray().Where(p => p.GetProperty("automatic").GetBoolean()), p => Assert.Equal(Cents(p, "amount"), Cents(p, "linesNet")));
        Assert.NotEqual(0, Cents(body, "difference"));
    }
}
