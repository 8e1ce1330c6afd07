using Marketplace.PooledOrders.Payments;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>One key, one effect: replays, crossings, cut connections and restarts (wire contract §3).</summary>
public sealed class AtMostOnceTests(Simulator simulator) : IClassFixture<Simulator>, IAsyncLifetime
{
    private const string Charge = "amount=1000&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true&allowed_payment_method_types[0]=card";
    private static readonly Dictionary<string, string> Nothing = [];

    public async ValueTask InitializeAsync() => await simulator.SwitchAsync(new { });

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task the_same_key_repeats_the_first_answer()
    {
        var customer = await simulator.NewCustomerAsync();
        var first = await simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}", "pi:1");
        var again = await simulator.PostAsync("v1/payment_intents", $"customer={customer}&{Charge.Replace("[", "%5B", StringComparison.Ordinal).Replace("]", "%5D", StringComparison.Ordinal)}", "pi:1");
        Assert.Equal(first.Text, again.Text);
        Assert.Equal(("true", first.Header("request-id")), (again.Header("idempotent-replayed"), again.Header("original-request")));
        Assert.NotEqual(first.Header("request-id"), again.Header("request-id"));
        Assert.Null(first.Header("idempotent-replayed"));
        Assert.Single(await IntentsOfAsync(customer));
    }

    [Fact]
    public async Task the_same_key_with_other_parameters_is_refused()
    {
        await simulator.PostAsync("v1/customers", "name=A", "cus:1");
        var other = await simulator.PostAsync("v1/customers", "name=B", "cus:1");
        Assert.Equal((400, "idempotency_error"), (other.Status, (string?)other["error"]!["type"]));

        await simulator.Client.CreateCustomerAsync("A", null, Nothing, "cus:2", default);
        Assert.Equal(StripeOutcome.IdempotencyMismatch, (await simulator.Client.CreateCustomerAsync("B", null, Nothing, "cus:2", default)).Outcome);
    }

    [Fact]
    public async Task a_stored_decline_is_repeated_even_after_another_card_paid()
    {
        var customer = await simulator.NewCustomerAsync();
        var form = Charge.Replace("pm_card_visa", "pm_card_chargeCustomerFail", StringComparison.Ordinal) + $"&customer={customer}";
        var declined = await simulator.PostAsync("v1/payment_intents", form, "pi:2");
        Assert.Equal(402, declined.Status);
        var id = (string)declined["error"]!["payment_intent"]!["id"]!;
        Assert.Equal(200, (await simulator.PostAsync($"v1/payment_intents/{id}/confirm", "payment_method=pm_card_visa")).Status);

        var again = await simulator.PostAsync("v1/payment_intents", form, "pi:2");
        Assert.Equal((402, declined.Text, "true"), (again.Status, again.Text, again.Header("idempotent-replayed")));
        Assert.Single(await IntentsOfAsync(customer));
    }

    [Fact]
    public async Task a_refused_parameter_is_not_stored_and_the_key_can_be_used_again()
    {
        Assert.Equal(400, (await simulator.PostAsync("v1/customers", "nickname=A", "cus:3")).Status);
        Assert.Equal(200, (await simulator.PostAsync("v1/customers", "name=A", "cus:3")).Status);
    }

    [Fact]
    public async Task two_calls_with_one_key_at_once_have_one_effect()
    {
        var customer = await simulator.NewCustomerAsync();
        await simulator.SwitchAsync(new { path = "/v1/payment_intents", slow_ms = 700, slow_count = 1 });
        var slow = simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}", "pi:3");
        await Task.Delay(250);
        var crossing = await simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}", "pi:3");
        Assert.Equal((409, "idempotency_key_in_use"), (crossing.Status, crossing.ErrorCode));
        Assert.Equal("true", crossing.Header("stripe-should-retry"));
        Assert.Equal(200, (await slow).Status);
        Assert.Single(await IntentsOfAsync(customer));
    }

    [Fact]
    public async Task our_client_waits_out_a_call_in_flight_and_takes_its_answer()
    {
        var customer = await simulator.NewCustomerAsync();
        await simulator.SwitchAsync(new { path = "/v1/payment_intents", slow_ms = 500, slow_count = 1 });
        var first = ChargeAsync(customer, "pi:4");
        await Task.Delay(150);
        var second = await ChargeAsync(customer, "pi:4");
        Assert.True(second.Replayed);
        Assert.Equal((await first).Value!.Id, second.Value!.Id);
        Assert.Single(await IntentsOfAsync(customer));
    }

    [Fact]
    public async Task a_connection_cut_after_the_commit_is_retried_without_a_second_charge()
    {
        var customer = await simulator.NewCustomerAsync();
        await simulator.SwitchAsync(new { path = "/v1/payment_intents", cut_after_commit = 1 });
        var answer = await ChargeAsync(customer, "pi:5");
        Assert.Equal((StripeOutcome.Success, true), (answer.Outcome, answer.Replayed));
        Assert.Equal(answer.Value!.Id, Assert.Single(await IntentsOfAsync(customer)));
        Assert.Single((await simulator.GetAsync($"v1/charges?customer={customer}"))["data"]!.AsArray());
    }

    [Fact]
    public async Task many_calls_with_one_key_at_once_charge_once()
    {
        var customer = await simulator.NewCustomerAsync();
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}", "pi:6")));
        Assert.Single(await IntentsOfAsync(customer));
    }

    [Theory]
    [InlineData(409)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task a_fault_that_passes_is_retried_and_one_that_stays_is_an_unknown_outcome(int status)
    {
        var customer = await simulator.NewCustomerAsync();
        await simulator.SwitchAsync(new { path = "/v1/payment_intents", answer_status = status, answer_count = 1 });
        Assert.Equal(StripeOutcome.Success, (await ChargeAsync(customer, $"pi:fault:{status}")).Outcome);
        Assert.Single(await IntentsOfAsync(customer));
    }

    [Fact]
    public async Task no_answer_at_all_is_an_unknown_outcome_after_five_attempts()
    {
        await simulator.SwitchAsync(new { path = "/v1/customers", answer_status = 500, answer_count = 100 });
        Assert.Equal(StripeOutcome.Unknown, (await simulator.Client.CreateCustomerAsync("A", null, Nothing, "cus:4", default)).Outcome);
        Assert.Equal(95, (int)(await simulator.GetAsync("simulator/switches"))["answer_count"]!);
    }

    [Fact]
    public async Task a_caller_that_gives_up_is_told_so()
    {
        using var impatience = new CancellationTokenSource();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => simulator.Client.GetPaymentIntentAsync("pi_sim_1", impatience.Token));
    }

    [Fact]
    public async Task stored_answers_survive_the_death_of_the_process()
    {
        var customer = await simulator.NewCustomerAsync();
        var before = await simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}", "pi:7");
        simulator.Kill();
        await simulator.StartAsync();
        var after = await simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}", "pi:7");
        Assert.Equal((before.Text, "true"), (after.Text, after.Header("idempotent-replayed")));
    }

    [Fact]
    public async Task two_refunds_at_once_never_give_back_more_than_was_paid()
    {
        var customer = await simulator.NewCustomerAsync();
        var paid = await simulator.PostAsync("v1/payment_intents", $"{Charge}&customer={customer}");
        var refunds = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => simulator.PostAsync("v1/refunds", $"payment_intent={paid.Id}&amount=400")));
        Assert.Equal(2, refunds.Count(refund => refund.Status == 200));
        Assert.Equal(800, (int)(await simulator.GetAsync($"v1/charges/{paid["latest_charge"]}"))["amount_refunded"]!);
    }

    private Task<StripeAnswer<StripePaymentIntent>> ChargeAsync(string customer, string key) =>
        simulator.Client.CreatePaymentIntentAsync(1000, customer, "pm_card_visa", null, Nothing, key, default);

    private async Task<string[]> IntentsOfAsync(string customer) =>
        [.. (await simulator.GetAsync($"v1/payment_intents?customer={customer}"))["data"]!.AsArray().Select(intent => (string)intent!["id"]!)];
}
