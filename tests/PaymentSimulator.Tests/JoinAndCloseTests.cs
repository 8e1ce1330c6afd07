using Marketplace.PooledOrders.Payments;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>The flow of a pooled order (wire contract §6) with our client against the running simulator.</summary>
public sealed class JoinAndCloseTests(Simulator simulator) : IClassFixture<Simulator>
{
    private static readonly Uri Back = new("http://127.0.0.1:1/back?pool=7");
    private static readonly Dictionary<string, string> Commitment = new() { ["commitment_id"] = "c-1" };

    [Fact]
    public async Task a_business_joins_with_a_card_and_is_charged_at_the_closing()
    {
        var (customer, method) = await JoinAsync("pm_card_visa");

        var paid = await ChargeAsync(customer, method);
        Assert.Equal((StripeOutcome.Success, "succeeded", 45_001), (paid.Outcome, paid.Value?.Status, paid.Value?.AmountReceived));
        Assert.Equal("c-1", paid.Value!.Metadata!["commitment_id"]);
        Assert.StartsWith("pi_sim_", paid.Value.Id, StringComparison.Ordinal);
        Assert.False(paid.Value.Livemode);

        var charge = await simulator.Client.GetChargeAsync(paid.Value.LatestCharge!.Id, default);
        // 1.5 % of 450.01 is 6.75, and 0.25.
        Assert.Equal((700, 44_301), (charge.Value!.BalanceTransaction!.Value!.Fee, charge.Value.BalanceTransaction.Value.Net));
    }

    [Fact]
    public async Task a_declined_card_leaves_an_intent_that_another_card_pays()
    {
        var (customer, method) = await JoinAsync("pm_card_chargeCustomerFail");

        var declined = await ChargeAsync(customer, method);
        Assert.Equal((StripeOutcome.CardError, "card_declined", "generic_decline"), (declined.Outcome, declined.Error?.Code, declined.Error?.DeclineCode));
        var intent = declined.Error!.PaymentIntent!;
        Assert.Equal(("requires_payment_method", method), (intent.Status, declined.Error.PaymentMethod?.Id));

        var other = await simulator.Client.ConfirmPaymentIntentAsync(intent.Id, "pm_card_visa", Back, NewKey(), default);
        Assert.Equal("succeeded", other.Value?.Status);
        Assert.Equal(intent.Id, other.Value?.Id);
    }

    [Theory]
    [InlineData("approve", "succeeded", null)]
    [InlineData("refuse", "requires_payment_method", "payment_intent_authentication_failure")]
    public async Task a_card_that_demands_authentication_is_brought_back_on_session(string answer, string status, string? code)
    {
        var (customer, method) = await JoinAsync("pm_card_authenticationRequired");

        var refused = await ChargeAsync(customer, method);
        Assert.Equal((StripeOutcome.CardError, "authentication_required"), (refused.Outcome, refused.Error?.Code));
        var id = refused.Error!.PaymentIntent!.Id;

        var onSession = await simulator.Client.ConfirmPaymentIntentAsync(id, method, Back, NewKey(), default);
        Assert.Equal("requires_action", onSession.Value?.Status);
        var location = await AnswerAsync(onSession.Value!.NextAction!, answer);
        Assert.StartsWith($"{Back}&payment_intent={id}&redirect_status=", location, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", location, StringComparison.Ordinal);

        var now = await simulator.Client.GetPaymentIntentAsync(id, default);
        Assert.Equal((status, code), (now.Value!.Status, now.Value.LastPaymentError?.Code));
    }

    [Fact]
    public async Task a_card_that_was_authenticated_at_setup_is_charged_without_its_owner()
    {
        var (customer, method) = await JoinAsync("pm_card_authenticationRequiredOnSetup");
        Assert.Equal("succeeded", (await ChargeAsync(customer, method)).Value?.Status);

        var withoutSetup = await ChargeAsync(await simulator.NewCustomerAsync(), "pm_card_authenticationRequiredOnSetup");
        Assert.Equal("authentication_required", withoutSetup.Error?.Code);
    }

    [Fact]
    public async Task a_card_that_declines_cannot_be_saved()
    {
        var customer = await simulator.NewCustomerAsync();
        var setup = await simulator.Client.CreateSetupIntentAsync(customer, "pm_card_visa_chargeDeclinedInsufficientFunds", Back, Commitment, NewKey(), default);
        Assert.Equal((StripeOutcome.CardError, "insufficient_funds"), (setup.Outcome, setup.Error?.DeclineCode));
        Assert.Equal("requires_payment_method", setup.Error!.SetupIntent!.Status);
    }

    [Fact]
    public async Task a_payment_given_up_cannot_be_confirmed_and_a_paid_one_cannot_be_given_up()
    {
        var (customer, method) = await JoinAsync("pm_card_chargeCustomerFail");
        var open = (await ChargeAsync(customer, method)).Error!.PaymentIntent!.Id;
        var canceled = await simulator.Client.CancelPaymentIntentAsync(open, "abandoned", NewKey(), default);
        Assert.Equal(("canceled", "abandoned"), (canceled.Value?.Status, canceled.Value?.CancellationReason));
        var late = await simulator.Client.ConfirmPaymentIntentAsync(open, "pm_card_visa", Back, NewKey(), default);
        Assert.Equal((StripeOutcome.InvalidRequest, "payment_intent_unexpected_state"), (late.Outcome, late.Error?.Code));

        var paid = (await ChargeAsync(customer, "pm_card_visa")).Value!.Id;
        var crossed = await simulator.Client.CancelPaymentIntentAsync(paid, "abandoned", NewKey(), default);
        Assert.Equal("payment_intent_unexpected_state", crossed.Error?.Code);
        Assert.Equal("succeeded", crossed.Error!.PaymentIntent!.Status);
    }

    [Fact]
    public async Task a_refund_gives_back_at_most_what_was_paid_and_shows_on_the_statement()
    {
        var (customer, method) = await JoinAsync("pm_card_visa");
        var intent = (await ChargeAsync(customer, method)).Value!;
        var first = await simulator.Client.CreateRefundAsync(intent.Id, 45_000, Commitment, NewKey(), default);
        Assert.Equal(("succeeded", 45_000), (first.Value?.Status, first.Value?.Amount));
        Assert.Equal(1, (await simulator.Client.CreateRefundAsync(intent.Id, null, Commitment, NewKey(), default)).Value?.Amount);
        Assert.Equal("charge_already_refunded", (await simulator.Client.CreateRefundAsync(intent.Id, null, Commitment, NewKey(), default)).Error?.Code);

        var page = await simulator.Client.ListBalanceTransactionsAsync(DateTimeOffset.UnixEpoch, null, 100, default);
        var lines = page.Value!.Data.Where(line => line.Source?.Value?.PaymentIntent == intent.Id).ToList();
        Assert.Equal([-1, -45_000, 45_001], lines.Select(line => line.Amount));
        Assert.All(lines, line => Assert.Equal(line.Amount - line.Fee, line.Net));
    }

    [Fact]
    public async Task a_lost_intent_is_found_again_by_its_customer_and_metadata()
    {
        var (customer, method) = await JoinAsync("pm_card_visa");
        var since = DateTimeOffset.UtcNow.AddMinutes(-1);
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
            ids.Insert(0, (await ChargeAsync(customer, method)).Value!.Id);

        var found = await simulator.Client.ListPaymentIntentsAsync(customer, since, default);
        Assert.Equal(ids, found.Value!.Data.Select(intent => intent.Id));
        Assert.Empty((await simulator.Client.ListPaymentIntentsAsync(customer, since.AddHours(1), default)).Value!.Data);
    }

    [Fact]
    public async Task what_does_not_exist_is_a_value_not_an_exception()
    {
        Assert.Equal(StripeOutcome.NotFound, (await simulator.Client.GetPaymentIntentAsync("pi_sim_none", default)).Outcome);
        var tooSmall = await simulator.Client.CreatePaymentIntentAsync(49, await simulator.NewCustomerAsync(), "pm_card_visa", null, Commitment, NewKey(), default);
        Assert.Equal((StripeOutcome.InvalidRequest, "amount_too_small"), (tooSmall.Outcome, tooSmall.Error?.Code));
    }

    [Fact]
    public async Task no_secret_of_an_intent_is_printed()
    {
        var (customer, method) = await JoinAsync("pm_card_visa");
        var intent = (await ChargeAsync(customer, method)).Value!;
        Assert.Contains("_secret_", intent.ClientSecret!.Value.Reveal(), StringComparison.Ordinal);
        Assert.DoesNotContain("_secret_", intent.ToString(), StringComparison.Ordinal);
    }

    private async Task<(string Customer, string Method)> JoinAsync(string card)
    {
        var customer = (await simulator.Client.CreateCustomerAsync("Café & Co", "a+b@example.org", Commitment, NewKey(), default)).Value!.Id;
        var setup = await simulator.Client.CreateSetupIntentAsync(customer, card, Back, Commitment, NewKey(), default);
        if (setup.Value?.Status == "requires_action")
        {
            await AnswerAsync(setup.Value.NextAction!, "approve");
            setup = await simulator.Client.GetSetupIntentAsync(setup.Value.Id, default);
        }

        Assert.Equal("succeeded", setup.Value?.Status);
        Assert.Equal(customer, setup.Value!.PaymentMethod!.Value!.Customer);
        return (customer, setup.Value.PaymentMethod.Id);
    }

    private Task<StripeAnswer<StripePaymentIntent>> ChargeAsync(string customer, string method) =>
        simulator.Client.CreatePaymentIntentAsync(45_001, customer, method, "POOL_1", Commitment, NewKey(), default);

    /// <summary>The payer answers their bank; where the browser is sent afterwards.</summary>
    private static async Task<string> AnswerAsync(StripeNextAction action, string answer)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });
        Assert.Contains("Simulation", await browser.GetStringAsync(action.RedirectToUrl!.Url), StringComparison.Ordinal);
        var done = await browser.PostAsync(action.RedirectToUrl.Url, new FormUrlEncodedContent([new("answer", answer)]));
        Assert.Equal(303, (int)done.StatusCode);
        return done.Headers.Location!.OriginalString;
    }

    private static string NewKey() => Guid.NewGuid().ToString();
}
