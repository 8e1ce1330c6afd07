namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// Stripe's HTTP API as pooled orders use it. Every call that changes something takes its idempotency key, which the caller has
/// written down before (wire contract §3): the same key again repeats the first answer, never the effect.
/// </summary>
public sealed class StripeClient(StripeTransport transport)
{
    /// <summary>Creates the customer of a paying business.</summary>
    public Task<StripeAnswer<StripeCustomer>> CreateCustomerAsync(
        string name, string? email, IReadOnlyDictionary<string, string> metadata, string idempotencyKey, CancellationToken ct) =>
        transport.PostAsync("v1/customers",
            new StripeForm().Add("name", name).AddGiven("email", email).Add("metadata", metadata),
            idempotencyKey, StripeJson.Default.StripeCustomer, ct);

    /// <summary>Saves a card for a later charge without the payer (usage <c>off_session</c>) and confirms at once.</summary>
    /// <param name="returnUrl">Where the payer comes back to after authenticating; without it the answer holds no address to send them to.</param>
    /// <returns><c>succeeded</c>, or <c>requires_action</c> with <see cref="StripeNextAction.RedirectToUrl"/>; the payment method expanded.</returns>
    public Task<StripeAnswer<StripeSetupIntent>> CreateSetupIntentAsync(
        string customer, string paymentMethod, Uri? returnUrl, IReadOnlyDictionary<string, string> metadata, string idempotencyKey,
        CancellationToken ct) =>
        transport.PostAsync("v1/setup_intents",
            new StripeForm().Add("customer", customer).Add("payment_method", paymentMethod).Add("usage", "off_session")
                .Add("allowed_payment_method_types", Card).Add("confirm", true).AddGiven("return_url", returnUrl?.AbsoluteUri)
                .Add("metadata", metadata).Add("expand", PaymentMethodField),
            idempotencyKey, StripeJson.Default.StripeSetupIntent, ct);

    /// <summary>Reads a setup intent, the payment method expanded.</summary>
    public Task<StripeAnswer<StripeSetupIntent>> GetSetupIntentAsync(string id, CancellationToken ct) =>
        transport.GetAsync($"v1/setup_intents/{Uri.EscapeDataString(id)}", new StripeForm().Add("expand", PaymentMethodField),
            StripeJson.Default.StripeSetupIntent, ct);

    /// <summary>Charges a saved card without the payer being there.</summary>
    /// <param name="amount">Cents, 50 to 99 999 999.</param>
    /// <param name="transferGroup">Label that ties the payments of one pool together.</param>
    /// <returns><see cref="StripeOutcome.CardError"/> with code <c>authentication_required</c> asks for <see cref="ConfirmPaymentIntentAsync"/> on the same intent.</returns>
    public Task<StripeAnswer<StripePaymentIntent>> CreatePaymentIntentAsync(
        long amount, string customer, string paymentMethod, string? transferGroup, IReadOnlyDictionary<string, string> metadata,
        string idempotencyKey, CancellationToken ct) =>
        transport.PostAsync("v1/payment_intents",
            new StripeForm().Add("amount", amount).Add("currency", "eur").Add("customer", customer)
                .Add("payment_method", paymentMethod).Add("allowed_payment_method_types", Card).Add("off_session", true)
                .Add("confirm", true).AddGiven("transfer_group", transferGroup).Add("metadata", metadata),
            idempotencyKey, StripeJson.Default.StripePaymentIntent, ct);

    /// <summary>Tries the same payment again with the payer present.</summary>
    /// <param name="paymentMethod">Another card; <c>null</c> only while the intent still holds one (after a decline it holds none).</param>
    /// <param name="returnUrl">Where the payer comes back to after authenticating.</param>
    public Task<StripeAnswer<StripePaymentIntent>> ConfirmPaymentIntentAsync(
        string id, string? paymentMethod, Uri? returnUrl, string idempotencyKey, CancellationToken ct) =>
        transport.PostAsync($"v1/payment_intents/{Uri.EscapeDataString(id)}/confirm",
            new StripeForm().AddGiven("payment_method", paymentMethod).AddGiven("return_url", returnUrl?.AbsoluteUri),
            idempotencyKey, StripeJson.Default.StripePaymentIntent, ct);

    /// <summary>Reads a payment intent.</summary>
    public Task<StripeAnswer<StripePaymentIntent>> GetPaymentIntentAsync(string id, CancellationToken ct) =>
        transport.GetAsync($"v1/payment_intents/{Uri.EscapeDataString(id)}", new StripeForm(), StripeJson.Default.StripePaymentIntent, ct);

    /// <summary>
    /// All of a customer's intents since an instant, newest first: the look-up before a charge whose key may have expired (24 h) is
    /// repeated. Compare their metadata.
    /// </summary>
    public async Task<StripeAnswer<StripeList<StripePaymentIntent>>> ListPaymentIntentsAsync(
        string customer, DateTimeOffset createdFrom, CancellationToken ct)
    {
        var all = new List<StripePaymentIntent>();
        while (true)
        {
            var page = await transport.GetAsync("v1/payment_intents",
                Page(createdFrom, all.LastOrDefault()?.Id, null, 100).Add("customer", customer),
                StripeJson.Default.StripeListStripePaymentIntent, ct);
            if (!page.IsSuccess)
                return page;
            all.AddRange(page.Value.Data);
            if (!page.Value.HasMore)
                return page with { Value = new(all, HasMore: false) };
        }
    }

    /// <summary>Gives a payment up. Refused with <c>payment_intent_unexpected_state</c> when it has succeeded meanwhile: then read it.</summary>
    /// <param name="reason"><c>abandoned, duplicate, fraudulent</c> or <c>requested_by_customer</c>.</param>
    public Task<StripeAnswer<StripePaymentIntent>> CancelPaymentIntentAsync(
        string id, string reason, string idempotencyKey, CancellationToken ct) =>
        transport.PostAsync($"v1/payment_intents/{Uri.EscapeDataString(id)}/cancel", new StripeForm().Add("cancellation_reason", reason),
            idempotencyKey, StripeJson.Default.StripePaymentIntent, ct);

    /// <summary>Gives money back.</summary>
    /// <param name="amount">Cents; <c>null</c> for all that is left.</param>
    public Task<StripeAnswer<StripeRefund>> CreateRefundAsync(
        string paymentIntent, long? amount, IReadOnlyDictionary<string, string> metadata, string idempotencyKey, CancellationToken ct) =>
        transport.PostAsync("v1/refunds",
            new StripeForm().Add("payment_intent", paymentIntent).AddGiven("amount", amount).Add("metadata", metadata),
            idempotencyKey, StripeJson.Default.StripeRefund, ct);

    /// <summary>Reads a refund: a success may become a failure weeks later.</summary>
    public Task<StripeAnswer<StripeRefund>> GetRefundAsync(string id, CancellationToken ct) =>
        transport.GetAsync($"v1/refunds/{Uri.EscapeDataString(id)}", new StripeForm(), StripeJson.Default.StripeRefund, ct);

    /// <summary>
    /// The refunds of a payment, newest first, at most 100 (one payment has a few): the look-up before a refund whose key may have
    /// expired (24 h) is repeated. Compare their metadata.
    /// </summary>
    public Task<StripeAnswer<StripeList<StripeRefund>>> ListRefundsAsync(string paymentIntent, CancellationToken ct) =>
        transport.GetAsync("v1/refunds", Page(null, null, null, 100).Add("payment_intent", paymentIntent),
            StripeJson.Default.StripeListStripeRefund, ct);

    /// <summary>Reads a charge, its balance transaction (fee) expanded.</summary>
    public Task<StripeAnswer<StripeCharge>> GetChargeAsync(string id, CancellationToken ct) =>
        transport.GetAsync($"v1/charges/{Uri.EscapeDataString(id)}", new StripeForm().Add("expand", BalanceTransactionField),
            StripeJson.Default.StripeCharge, ct);

    /// <summary>One page of the statement, newest first, sources expanded.</summary>
    /// <param name="startingAfter">The last id of the page before.</param>
    /// <param name="limit">1 to 100.</param>
    public Task<StripeAnswer<StripeList<StripeBalanceTransaction>>> ListBalanceTransactionsAsync(
        DateTimeOffset? createdFrom, string? startingAfter, int limit, CancellationToken ct) =>
        transport.GetAsync("v1/balance_transactions", Page(createdFrom, startingAfter, null, limit).Add("expand", SourceField),
            StripeJson.Default.StripeListStripeBalanceTransaction, ct);

    /// <summary>One page of the lines that an automatic payout is made of, newest first, sources expanded; its own line among them.</summary>
    /// <returns><see cref="StripeOutcome.InvalidRequest"/> with <c>payout_reconciliation_not_ready</c> while it is not itemised, and for a manual payout.</returns>
    public Task<StripeAnswer<StripeList<StripeBalanceTransaction>>> ListPayoutTransactionsAsync(string payout, string? startingAfter, int limit, CancellationToken ct) =>
        transport.GetAsync("v1/balance_transactions", Page(null, startingAfter, null, limit).Add("payout", payout).Add("expand", SourceField),
            StripeJson.Default.StripeListStripeBalanceTransaction, ct);

    /// <summary>One page of payouts to our bank account, newest first.</summary>
    /// <param name="startingAfter">The last id of the page before.</param>
    /// <param name="limit">1 to 100.</param>
    public Task<StripeAnswer<StripeList<StripePayout>>> ListPayoutsAsync(DateTimeOffset? createdFrom, string? startingAfter, int limit, CancellationToken ct) =>
        transport.GetAsync("v1/payouts", Page(createdFrom, startingAfter, null, limit), StripeJson.Default.StripeListStripePayout, ct);

    /// <summary>One page of events, newest first: catching up on webhooks that did not arrive.</summary>
    /// <param name="types">At most 20; all when empty.</param>
    /// <param name="endingBefore">Events newer than this one.</param>
    /// <param name="startingAfter">Events older than this one.</param>
    /// <param name="limit">1 to 100.</param>
    public Task<StripeAnswer<StripeList<StripeEvent>>> ListEventsAsync(
        IReadOnlyCollection<string> types, DateTimeOffset? createdFrom, string? endingBefore, string? startingAfter, int limit,
        CancellationToken ct) =>
        transport.GetAsync("v1/events", Page(createdFrom, startingAfter, endingBefore, limit).Add("types", types),
            StripeJson.Default.StripeListStripeEvent, ct);

    private static readonly string[] Card = ["card"];
    private static readonly string[] PaymentMethodField = ["payment_method"];
    private static readonly string[] BalanceTransactionField = ["balance_transaction"];
    private static readonly string[] SourceField = ["data.source"];

    private static StripeForm Page(DateTimeOffset? createdFrom, string? startingAfter, string? endingBefore, int limit)
    {
        var form = new StripeForm().Add("limit", limit).AddGiven("starting_after", startingAfter).AddGiven("ending_before", endingBefore);
        return createdFrom is null ? form : form.Add("created", new Dictionary<string, object?> { ["gte"] = createdFrom });
    }
}
