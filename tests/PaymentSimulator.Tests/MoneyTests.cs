namespace Marketplace.PaymentSimulator.Tests;

/// <summary>Holds, transfers, payouts, SEPA debits and disputes, with the clock moved; the statement always adds up.</summary>
public sealed class MoneyTests(Simulator simulator) : IClassFixture<Simulator>
{
    [Fact]
    public async Task a_hold_is_captured_in_part_and_only_once()
    {
        var hold = await HoldAsync();
        var captured = await simulator.PostAsync($"v1/payment_intents/{hold.Id}/capture", "amount_to_capture=1500&final_capture=true");
        Assert.Equal(("succeeded", 1500), ((string?)captured["status"], (int)captured["amount_received"]!));
        Assert.Equal("payment_intent_unexpected_state", (await simulator.PostAsync($"v1/payment_intents/{hold.Id}/capture", "")).ErrorCode);
    }

    [Fact]
    public async Task a_hold_expires_by_itself()
    {
        var hold = await HoldAsync();
        await simulator.AdvanceAsync(TimeSpan.FromDays(4) + TimeSpan.FromHours(17));
        Assert.Equal("requires_capture", await StatusAsync(hold.Id));
        await simulator.AdvanceAsync(TimeSpan.FromHours(2));
        await Simulator.EventuallyAsync(async () => await StatusAsync(hold.Id) == "canceled");
        Assert.Equal("payment_intent_unexpected_state", (await simulator.PostAsync($"v1/payment_intents/{hold.Id}/capture", "")).ErrorCode);
    }

    [Fact]
    public async Task transfers_of_a_charge_never_exceed_it_and_reversals_never_exceed_the_transfer()
    {
        var account = (await simulator.PostAsync("v1/accounts", "country=FR")).Id;
        var paid = await ChargeAsync("pm_card_visa", 1000);
        var form = $"amount=700&currency=eur&destination={account}&source_transaction={paid["latest_charge"]}&transfer_group=ORDER_1";
        var transfer = await simulator.PostAsync("v1/transfers", form);
        Assert.Equal(200, transfer.Status);
        Assert.Equal("charge_exceeds_source_limit", (await simulator.PostAsync("v1/transfers", form)).ErrorCode);

        Assert.Equal(200, (await simulator.PostAsync($"v1/transfers/{transfer.Id}/reversals", "amount=500")).Status);
        Assert.Equal(400, (await simulator.PostAsync($"v1/transfers/{transfer.Id}/reversals", "amount=201")).Status);
        var after = await simulator.GetAsync($"v1/transfers/{transfer.Id}");
        Assert.Equal((500, false), ((int)after["amount_reversed"]!, (bool)after["reversed"]!));
        Assert.Single((await simulator.GetAsync("v1/transfers?transfer_group=ORDER_1"))["data"]!.AsArray());
    }

    [Fact]
    public async Task a_transfer_without_a_source_needs_available_money()
    {
        var account = (await simulator.PostAsync("v1/accounts", "country=FR")).Id;
        await ChargeAsync("pm_card_bypassPending", 5000);
        var available = await AvailableAsync();
        Assert.Equal("balance_insufficient", (await simulator.PostAsync("v1/transfers", $"amount={available + 1}&currency=eur&destination={account}")).ErrorCode);
        Assert.Equal(200, (await simulator.PostAsync("v1/transfers", $"amount=100&currency=eur&destination={account}")).Status);
        Assert.Equal(available - 100, await AvailableAsync());
    }

    [Fact]
    public async Task an_automatic_payout_is_itemised_to_the_cent()
    {
        await ChargeAsync("pm_card_bypassPending", 5000);
        var payout = await simulator.PostAsync("simulator/payouts", "");
        var lines = (await simulator.GetAsync($"v1/balance_transactions?payout={payout.Id}&limit=100"))["data"]!.AsArray();
        Assert.Equal(0, lines.Sum(line => (long)line!["net"]!));
        Assert.Contains(lines, line => (string?)line!["type"] == "payout" && (long)line["amount"]! == -(long)payout["amount"]!);
        await simulator.AdvanceAsync(TimeSpan.FromDays(3));
        await Simulator.EventuallyAsync(async () => (string?)(await simulator.GetAsync($"v1/payouts/{payout.Id}"))["status"] == "paid");
    }

    [Theory]
    [InlineData("FR1420041010050500013M02606", "succeeded")]
    [InlineData("FR8420041010050500013M02607", "requires_payment_method")]
    public async Task a_sepa_debit_is_known_only_days_later(string iban, string status)
    {
        var customer = await simulator.NewCustomerAsync();
        var debit = await simulator.PostAsync("v1/payment_intents",
            $"amount=2000&currency=eur&customer={customer}&allowed_payment_method_types[0]=sepa_debit&confirm=true&payment_method_data[type]=sepa_debit"
            + $"&payment_method_data[sepa_debit][iban]={iban}&payment_method_data[billing_details][name]=N&payment_method_data[billing_details][email]=e%40x.fr"
            + "&mandate_data[customer_acceptance][type]=offline");
        Assert.Equal((200, "processing"), (debit.Status, (string?)debit["status"]));
        Assert.Equal("payment_intent_unexpected_state", (await simulator.PostAsync($"v1/payment_intents/{debit.Id}/cancel", "")).ErrorCode);
        await simulator.AdvanceAsync(TimeSpan.FromDays(6));
        await Simulator.EventuallyAsync(async () => await StatusAsync(debit.Id) == status);
    }

    [Fact]
    public async Task a_disputed_charge_cannot_be_refunded()
    {
        var paid = await ChargeAsync("pm_card_createDispute", 1000);
        await Simulator.EventuallyAsync(async () => (await simulator.PostAsync("v1/refunds", $"payment_intent={paid.Id}&amount=1")).ErrorCode == "charge_disputed");
        Assert.Single((await simulator.GetAsync($"v1/disputes?payment_intent={paid.Id}"))["data"]!.AsArray());
    }

    [Fact]
    public async Task a_refund_may_fail_after_it_succeeded()
    {
        var paid = await ChargeAsync("pm_card_refundFail", 1000);
        var refund = await simulator.PostAsync("v1/refunds", $"payment_intent={paid.Id}");
        Assert.Equal("succeeded", (string?)refund["status"]);
        await simulator.AdvanceAsync(TimeSpan.FromHours(2));
        await Simulator.EventuallyAsync(async () => (string?)(await simulator.GetAsync($"v1/refunds/{refund.Id}"))["status"] == "failed");
        Assert.Equal(0, (int)(await simulator.GetAsync($"v1/charges/{paid["latest_charge"]}"))["amount_refunded"]!);
    }

    [Theory]
    [InlineData("sk_live_abc", 401)]
    [InlineData("pk_test_abc", 401)]
    public async Task live_and_unknown_keys_are_refused(string key, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/balance") { Headers = { Authorization = new("Bearer", key) } };
        var answer = await simulator.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.DoesNotContain(key, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("v1/payment_intents", "amount=abc&currency=eur", 400)]
    [InlineData("v1/payment_intents", "amount=9223372036854775808&currency=eur", 400)]
    [InlineData("v1/payment_intents", "amount=-5&currency=eur", 400)]
    [InlineData("v1/payment_intents", "currency=eur", 400)]
    [InlineData("v1/payment_intents", "amount=100&currency=eur&payment_method_types[0]=card", 400)]
    [InlineData("v1/payment_intents", "amount=100&currency=eur&confirm=maybe", 400)]
    [InlineData("v1/payment_intents", "amount=100&currency=eur&confirm=true", 400)]
    [InlineData("v1/payment_intents/x%27%22y/confirm", "", 404)]
    [InlineData("v1/payment_intents", "amount=100&currency=eur&expand[0]=nothing", 400)]
    [InlineData("v1/payment_intents", "amount=100&currency=eur&confirm=true&payment_method=pm_card_visa&return_url=javascript%3A1", 400)]
    [InlineData("v1/setup_intents", "confirm=true&payment_method=pm_card_visa&return_url=nowhere%0D%0A", 400)]
    [InlineData("v1/customers", "name=%00", 400)]
    [InlineData("v1/customers", "name=%F0%28%8C%28&metadata[%22]=%5C", 200)]
    [InlineData("v1/customers", "metadata[a[b]]=1", 400)]
    [InlineData("v1/refunds", "", 400)]
    [InlineData("v1/transfers", "amount=1&currency=eur&destination=acct_none", 400)]
    [InlineData("v1/setup_intents", "customer=cus_none", 400)]
    [InlineData("v1/nothing", "", 404)]
    public async Task bad_input_is_refused_by_the_right_status(string path, string form, int status) =>
        Assert.Equal(status, (await simulator.PostAsync(path, form)).Status);

    [Fact]
    public async Task metadata_is_merged_and_cleared_key_by_key()
    {
        var customer = (await simulator.PostAsync("v1/customers", "metadata[a]=1&metadata[b]=2")).Id;
        Assert.Equal("""{"b":"2","c":"3"}""", (await simulator.PostAsync($"v1/customers/{customer}", "metadata[a]=&metadata[c]=3"))["metadata"]!.ToJsonString());
        Assert.Equal("{}", (await simulator.PostAsync($"v1/customers/{customer}", "metadata="))["metadata"]!.ToJsonString());
    }

    private Task<RawAnswer> ChargeAsync(string card, long amount) => simulator.PostAsync("v1/payment_intents",
        $"amount={amount}&currency=eur&payment_method={card}&confirm=true&off_session=true&allowed_payment_method_types[0]=card");

    private async Task<RawAnswer> HoldAsync()
    {
        var hold = await simulator.PostAsync("v1/payment_intents",
            "amount=2000&currency=eur&payment_method=pm_card_visa&confirm=true&off_session=true&capture_method=manual&allowed_payment_method_types[0]=card");
        Assert.Equal(("requires_capture", 2000), ((string?)hold["status"], (int)hold["amount_capturable"]!));
        return hold;
    }

    private async Task<string?> StatusAsync(string intent) => (string?)(await simulator.GetAsync($"v1/payment_intents/{intent}"))["status"];

    private async Task<long> AvailableAsync() => (long)(await simulator.GetAsync("v1/balance"))["available"]![0]!["amount"]!;
}
