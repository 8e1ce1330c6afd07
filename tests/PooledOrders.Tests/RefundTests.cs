using System.Net;
using System.Text.Json;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Identity;
using Marketplace.PooledOrders.Payments;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Money back, once: after a short delivery, a release, a late payment (DOMAIN §2, §6), against the payment simulator.</summary>
public sealed class RefundTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    private static readonly Guid Programme = Guid.CreateVersion7();

    [Fact]
    public async Task a_short_delivery_is_settled_on_what_was_delivered_and_the_difference_refunded_once()
    {
        var pool = await PaidPool.CreateAsync(orders, [20], aid: [new(Programme, "Région", 126_000, [])]);
        await pool.DeliverAsync(0, 13);
        await pool.AcceptAsync(0);
        var before = await orders.CommitmentAsync(pool.Commitments[0]);
        Assert.Equal((420_000, 84_000, 378_000), (before.GetProperty("netCents").GetInt32(), before.GetProperty("vatCents").GetInt32(), before.GetProperty("payableCents").GetInt32()));

        AidPart[] aid = [new(Programme, "Région", 81_900, [])];
        var eventId = Guid.CreateVersion7();
        await pool.CertifyAsync(0, 13, aid, eventId: eventId);
        await pool.CertifyAsync(0, 13, aid, eventId: eventId);
        await pool.CertifyAsync(0, 13, aid);
        await pool.CertifyAsync(0, 13, [new(Programme, "Région", 1, [])], version: 2);
        await orders.Deliver(new AidGranted(pool.Commitments[0], pool.Id, 420_000, [new(Programme, "Région", 126_000, [])], DateTime.UtcNow, 2), bulk: true);

        var payment = await pool.EventuallyRefundAsync(0, "succeeded");
        var after = await orders.CommitmentAsync(pool.Commitments[0]);
        Assert.Equal((273_000, 54_600, 81_900, 245_700), (after.GetProperty("netCents").GetInt32(), after.GetProperty("vatCents").GetInt32(), after.GetProperty("aidCents").GetInt32(), after.GetProperty("payableCents").GetInt32()));
        Assert.Equal((20, 13), (after.GetProperty("allocatedQuantity").GetInt32(), after.GetProperty("deliveredQuantity").GetInt32()));
        Assert.Equal("service-done", after.GetProperty("aid")[0].GetProperty("status").GetString());
        Assert.Equal((378_000 - 245_700, 0), (payment.GetProperty("refundedCents").GetInt32(), payment.GetProperty("outstandingCents").GetInt32()));
        Assert.Equal(378_000 - 245_700, Assert.Single(await pool.RefundsAsync(0)).GetProperty("amount").GetInt32());
        Assert.Equal(["delivery-accepted", "aid-changed", "amounts-settled", "refund-became-due", "refunded"], (await pool.HistoryAsync(0))[^5..]);
    }

    [Fact]
    public async Task what_was_delivered_in_full_is_not_refunded()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);

        var settled = await pool.SettleAsync(0, 20);

        Assert.Equal(504_000, settled.GetProperty("payableCents").GetInt32());
        Assert.Equal(JsonValueKind.Null, settled.GetProperty("payment").GetProperty("refundStatus").ValueKind);
        Assert.Empty(await orders.Process.FactsAsync<RefundBecameDue>(pool.Commitments[0]));
    }

    [Fact]
    public async Task aid_lost_by_a_short_delivery_is_shown_as_outstanding_and_not_charged_again()
    {
        var pool = await PaidPool.CreateAsync(orders, [20], aid: [new(Programme, "Région", 400_000, [])]);

        var settled = await pool.SettleAsync(0, 19, [new(Programme, "Région", 0, ["below-minimum-spend"])]);

        Assert.Equal((478_800, 374_800), (settled.GetProperty("payableCents").GetInt32(), settled.GetProperty("payment").GetProperty("outstandingCents").GetInt32()));
        Assert.Equal(JsonValueKind.Null, settled.GetProperty("payment").GetProperty("refundStatus").ValueKind);
    }

    [Fact]
    public async Task a_business_that_is_let_go_gets_everything_back_and_a_late_success_changes_nothing()
    {
        var pool = await PaidPool.CreateAsync(orders, [12, 10]);
        await pool.DeliverAsync(0, 12);
        await pool.AcceptAsync(0);

        var released = await pool.ReleaseAsync(1);
        var again = await pool.ReleaseAsync(1);
        var payment = await pool.EventuallyRefundAsync(1, "succeeded");
        await orders.SendWebhookAsync("payment_intent.succeeded", payment.GetProperty("reference").GetString()!);
        await Task.Delay(700);

        Assert.Equal("released", released.Body.GetProperty("status").GetString());
        Assert.Equal("wrong-status", again.Problem);
        Assert.Equal("wrong-status", (await pool.ReleaseAsync(0)).Problem);
        Assert.Equal(("succeeded", 252_000), (payment.GetProperty("status").GetString(), payment.GetProperty("refundedCents").GetInt32()));
        Assert.Equal(252_000, Assert.Single(await pool.RefundsAsync(1)).GetProperty("amount").GetInt32());
        Assert.Equal("released", Assert.Single(await orders.Process.FactsAsync<CommitmentEnded>(pool.Commitments[1])).Outcome);
        Assert.Equal("settled", await pool.StatusAsync());
    }

    [Fact]
    public async Task a_delivered_commitment_is_released_only_once_its_delivery_was_refused()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        await pool.DeliverAsync(0, 20);
        Assert.Equal("wrong-status", (await pool.ReleaseAsync(0)).Problem);

        await pool.AcceptAsync(0, accepted: false, reason: "Rien n'est arrivé");

        Assert.Equal(HttpStatusCode.OK, (await pool.ReleaseAsync(0)).Status);
        Assert.Equal(504_000, (await pool.EventuallyRefundAsync(0, "succeeded")).GetProperty("refundedCents").GetInt32());
        Assert.Equal("settled", await pool.StatusAsync());
    }

    [Fact]
    public async Task a_service_killed_while_it_refunds_goes_on_a_day_later_and_refunds_once()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        await SwitchAsync(new { path = "/v1/refunds", slow_ms = 800, slow_count = 1 });
        await pool.SettleAsync(0, 15);
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        while (await db.ExecuteScalarAsync<int>("select tries from refund where commitment_id = @id", new { id = pool.Commitments[0] }) == 0)
        {
            await Task.Delay(20);
        }

        await Task.Delay(200);
        await orders.RestartAsync();
        await Task.Delay(1_000);
        Assert.Equal("due", (await orders.CommitmentAsync(pool.Commitments[0])).GetProperty("payment").GetProperty("refundStatus").GetString());
        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromHours(25));
        await orders.AdvanceAsync(TimeSpan.FromHours(25));

        await pool.EventuallyRefundAsync(0, "succeeded");
        Assert.Equal(126_000, Assert.Single(await pool.RefundsAsync(0)).GetProperty("amount").GetInt32());
        Assert.Single(await orders.Process.FactsAsync<Refunded>(pool.Commitments[0]));
    }

    [Fact]
    public async Task a_payment_provider_that_fails_for_a_while_refunds_once_in_the_end()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        await SwitchAsync(new { path = "/v1/refunds", answer_status = 500, answer_count = 2, cut_after_commit = 1 });

        await pool.SettleAsync(0, 5);

        Assert.Equal(378_000, (await pool.EventuallyRefundAsync(0, "succeeded")).GetProperty("refundedCents").GetInt32());
        Assert.Single(await pool.RefundsAsync(0));
    }

    [Fact]
    public async Task a_refund_that_the_bank_sends_back_is_shown_as_failed_and_tried_again_by_a_person()
    {
        var pool = await PaidPool.CreateAsync(orders, [20], method: "pm_card_refundFail");
        await pool.ReleaseAsync(0);
        await pool.EventuallyRefundAsync(0, "succeeded");
        var finance = orders.Process.Identity.Staff(Roles.Finance);
        Task<HttpAnswer> RetryAsync() => orders.Process.PostAsync($"/api/commitments/{pool.Commitments[0]}/refund", null, finance);
        Assert.Equal("no-failed-refund", (await RetryAsync()).Problem);

        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromHours(2));
        var reference = Assert.Single(await pool.RefundsAsync(0)).GetProperty("id").GetString()!;
        while (Assert.Single(await pool.RefundsAsync(0)).GetProperty("status").GetString() != "failed")
        {
            await Task.Delay(50);
        }

        await orders.SendWebhookAsync("refund.failed", reference);
        var failed = await pool.EventuallyRefundAsync(0, "failed");
        await orders.SendWebhookAsync("refund.updated", reference);
        Assert.Equal(0, failed.GetProperty("refundedCents").GetInt32());

        Assert.Equal(HttpStatusCode.OK, (await RetryAsync()).Status);
        Assert.Equal("no-failed-refund", (await RetryAsync()).Problem);
        Assert.Equal(504_000, (await pool.EventuallyRefundAsync(0, "succeeded")).GetProperty("refundedCents").GetInt32());
        Assert.Equal(2, (await pool.RefundsAsync(0)).Count);
        Assert.Equal(["refund-became-due", "refunded", "refund-failed", "refund-asked-again", "refunded"], (await pool.HistoryAsync(0))[^5..]);
    }

    [Fact]
    public async Task a_refund_that_the_bank_takes_its_time_for_is_pending_first()
    {
        var pool = await PaidPool.CreateAsync(orders, [20], method: "pm_card_pendingRefund");
        await pool.ReleaseAsync(0);
        Assert.Equal(504_000, (await pool.EventuallyRefundAsync(0, "pending")).GetProperty("refundedCents").GetInt32());

        await orders.Simulator.AdvanceClockAsync(TimeSpan.FromHours(2));
        while (Assert.Single(await pool.RefundsAsync(0)).GetProperty("status").GetString() != "succeeded")
        {
            await Task.Delay(50);
        }

        // Without a webhook: it is looked at again by itself.
        await orders.AdvanceAsync(TimeSpan.FromHours(2));

        await pool.EventuallyRefundAsync(0, "succeeded");
        Assert.Single(await pool.RefundsAsync(0));
    }

    [Fact]
    public async Task money_that_comes_after_the_commitment_was_let_go_is_given_back_once()
    {
        var (pack, _, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 2);
        var business = TestOrganisation.New();
        var id = (await orders.JoinAsync(pool, 10, method: "pm_card_authenticationRequired", business: business)).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        await orders.EventuallyAsync(id, "payment-failed");
        var asked = (await orders.Process.PostAsync($"/api/commitments/{id}/payment", new { }, orders.Process.Identity.Business(business))).Body.GetProperty("payment");
        await orders.Process.PostAsync($"/api/commitments/{id}/release", new { reason = "Cessation" }, orders.Buyer);

        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        await browser.PostAsync(asked.GetProperty("redirectUrl").GetString(), new FormUrlEncodedContent([new("answer", "approve")]));
        var intent = asked.GetProperty("reference").GetString()!;
        await orders.SendWebhookAsync("payment_intent.succeeded", intent);
        await orders.SendWebhookAsync("payment_intent.succeeded", intent);

        for (var i = 0; (await orders.CommitmentAsync(id)).GetProperty("payment").GetProperty("refundStatus").GetString() != "succeeded"; i++)
        {
            Assert.True(i < 200, orders.Process.Output);
            await Task.Delay(50);
        }

        await orders.SendWebhookAsync("payment_intent.succeeded", intent);
        await Task.Delay(700);
        var refunds = await orders.Simulator.GetAsync($"/v1/refunds?payment_intent={intent}", "sk_test_of_the_test");
        Assert.Equal(288_000, Assert.Single(refunds.Body.GetProperty("data").EnumerateArray()).GetProperty("amount").GetInt32());
        Assert.Equal("released", (await orders.CommitmentAsync(id)).GetProperty("status").GetString());
        Assert.Empty(await orders.Process.FactsAsync<CommitmentPaid>(id));
    }

    [Fact]
    public async Task a_success_that_is_heard_of_twice_with_a_release_between_is_given_back_once()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var business = TestOrganisation.New();
        var id = (await orders.JoinAsync(pool, 10, method: "pm_card_chargeCustomerFail", business: business)).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        var intent = (await orders.EventuallyAsync(id, "payment-failed")).GetProperty("payment").GetProperty("reference").GetString()!;

        // The answer to the payer's own try is lost three times over; the webhook and the town are faster.
        await SwitchAsync(new { path = $"/v1/payment_intents/{intent}/confirm", cut_after_commit = 3 });
        var paying = orders.Process.PostAsync($"/api/commitments/{id}/payment", new { paymentMethod = "pm_card_visa" }, orders.Process.Identity.Business(business));
        while ((await orders.Simulator.GetAsync($"/v1/payment_intents/{intent}", "sk_test_of_the_test")).Body.GetProperty("status").GetString() != "succeeded")
        {
            await Task.Delay(20);
        }

        await orders.SendWebhookAsync("payment_intent.succeeded", intent);
        await orders.EventuallyAsync(id, "paid");
        Assert.Equal(HttpStatusCode.OK, (await orders.Process.PostAsync($"/api/commitments/{id}/release", new { reason = "Cessation" }, orders.Buyer)).Status);
        Assert.False(paying.IsCompleted);

        Assert.Equal("released", (await paying).Body.GetProperty("status").GetString());
        Assert.Equal(["released"], (await orders.Process.FactsAsync<RefundBecameDue>(id)).Select(f => f.Reason));
        Assert.Single(await orders.Process.FactsAsync<CommitmentPaid>(id));
    }

    [Fact]
    public async Task the_database_itself_gives_back_no_more_than_was_paid_and_no_reason_twice()
    {
        var pool = await PaidPool.CreateAsync(orders, [20]);
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        Task<int> InsertAsync(string reason, long cents) => db.ExecuteAsync(
            "insert into refund (id, commitment_id, reason, amount_cents, idempotency_key, asked_at, next_try_at) values (@id, @commitment, @reason, @cents, @id::text, now(), now() + interval '100 years')",
            new { id = Guid.NewGuid(), commitment = pool.Commitments[0], reason, cents });

        Assert.Equal("refunded_at_most_what_was_paid", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("released", 504_001))).ConstraintName);
        await InsertAsync("short-delivery", 500_000);
        Assert.Equal("refunded_at_most_what_was_paid", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("released", 4_001))).ConstraintName);
        Assert.Equal("23505", (await Assert.ThrowsAsync<PostgresException>(() => InsertAsync("short-delivery", 1))).SqlState);
    }

    private async Task SwitchAsync(object switches) =>
        Assert.Equal(HttpStatusCode.OK, (await orders.Simulator.PostAsync("/simulator/switches", switches, "sk_test_of_the_test")).Status);
}
