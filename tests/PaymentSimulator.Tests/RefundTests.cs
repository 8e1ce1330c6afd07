using Marketplace.PooledOrders.Payments;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>Refunds (wire contract §9) with our client against the running simulator: found again, pending, sent back.</summary>
public sealed class RefundTests(Simulator simulator) : IClassFixture<Simulator>
{
    private static readonly Dictionary<string, string> Nothing = [];

    [Fact]
    public async Task a_refund_is_found_again_by_its_payment_and_metadata_after_its_key_has_expired()
    {
        var intent = await PayAsync("pm_card_visa");
        var other = await PayAsync("pm_card_visa");
        var first = await RefundAsync(intent, 400, "r-1");
        await RefundAsync(intent, 300, "r-2");
        await RefundAsync(other, 200, "r-3");
        await simulator.AdvanceAsync(TimeSpan.FromHours(25));

        var found = await simulator.Client.ListRefundsAsync(intent, default);

        Assert.Equal([("r-2", 300), ("r-1", 400)], found.Value!.Data.Select(r => (r.Metadata!["refund_id"], (int)r.Amount)));
        Assert.Equal(first.Value!.Id, found.Value.Data[1].Id);
        Assert.Equal(intent, (await simulator.Client.GetRefundAsync(first.Value.Id, default)).Value!.PaymentIntent);
        Assert.NotEqual(first.Value.Id, (await RefundAsync(intent, 300, "r-1")).Value!.Id);
    }

    [Fact]
    public async Task the_same_key_repeats_a_refund_and_never_gives_back_twice()
    {
        var intent = await PayAsync("pm_card_visa");

        var answers = new[] { await RefundAsync(intent, 400, "r-4"), await RefundAsync(intent, 400, "r-4") };

        Assert.Equal([false, true], answers.Select(a => a.Replayed));
        Assert.Equal(answers[0].Value!.Id, answers[1].Value!.Id);
        Assert.Single((await simulator.Client.ListRefundsAsync(intent, default)).Value!.Data);
    }

    [Theory]
    [InlineData("pm_card_pendingRefund", "pending", "succeeded", "refund.updated")]
    [InlineData("pm_card_refundFail", "succeeded", "failed", "refund.failed")]
    public async Task a_refund_changes_after_it_was_taken(string card, string first, string then, string type)
    {
        var intent = await PayAsync(card);
        var refund = (await RefundAsync(intent, 400, $"r-{card}")).Value!;
        Assert.Equal(first, refund.Status);

        await simulator.AdvanceAsync(TimeSpan.FromHours(2));
        await Simulator.EventuallyAsync(async () => (await simulator.Client.GetRefundAsync(refund.Id, default)).Value!.Status == then);

        var events = await simulator.Client.ListEventsAsync([type], null, null, null, 100, default);
        Assert.Contains(events.Value!.Data, e => e.Data.ToString() == refund.Id);
        Assert.Equal(then == "failed", (await simulator.Client.GetRefundAsync(refund.Id, default)).Value!.FailureReason is not null);
    }

    [Fact]
    public async Task a_refund_of_more_than_is_left_is_a_value_not_an_exception()
    {
        var intent = await PayAsync("pm_card_visa");

        Assert.Equal((StripeOutcome.InvalidRequest, "amount_too_large"), Read(await RefundAsync(intent, 1_001, "r-5")));
        await RefundAsync(intent, 1_000, "r-6");
        Assert.Equal((StripeOutcome.InvalidRequest, "charge_already_refunded"), Read(await RefundAsync(intent, 1, "r-7")));
        Assert.Equal(StripeOutcome.NotFound, (await simulator.Client.GetRefundAsync("re_sim_none", default)).Outcome);

        static (StripeOutcome, string?) Read(StripeAnswer<StripeRefund> answer) => (answer.Outcome, answer.Error?.Code);
    }

    private Task<StripeAnswer<StripeRefund>> RefundAsync(string intent, long amount, string id) =>
        simulator.Client.CreateRefundAsync(intent, amount, new Dictionary<string, string> { ["refund_id"] = id }, $"re:{id}", default);

    private async Task<string> PayAsync(string card)
    {
        var customer = await simulator.NewCustomerAsync();
        return (await simulator.Client.CreatePaymentIntentAsync(1_000, customer, card, null, Nothing, Guid.NewGuid().ToString(), default)).Value!.Id;
    }
}
