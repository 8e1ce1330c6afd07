using System.Text.Json;

namespace Marketplace.PooledOrders.Payments;

// Fields of Stripe's objects that we use. Statuses are text because Stripe may add some. Amounts are cents, times unix seconds.

/// <summary>A paying business at Stripe.</summary>
public sealed record StripeCustomer(string Id, string? Name, string? Email, bool Livemode, bool Deleted, Dictionary<string, string>? Metadata);

/// <summary>A saved way to pay; what may be shown of it.</summary>
public sealed record StripePaymentMethod(string Id, string Type, string? Customer, StripeCard? Card);

/// <summary>What may be shown of a card.</summary>
public sealed record StripeCard(string? Brand, string? Last4, int? ExpMonth, int? ExpYear, string? Country);

/// <summary>Saving a payment method for later; moves no money.</summary>
/// <param name="Status"><c>requires_payment_method, requires_confirmation, requires_action, processing, succeeded, canceled</c>, or newer.</param>
public sealed record StripeSetupIntent(
    string Id, string Status, StripeSecret? ClientSecret, StripeExpandable<StripeCustomer>? Customer,
    StripeExpandable<StripePaymentMethod>? PaymentMethod, string? Mandate, string? Usage, StripeNextAction? NextAction,
    StripeError? LastSetupError, long Created, bool Livemode, Dictionary<string, string>? Metadata);

/// <summary>One payment from first attempt to money or cancellation.</summary>
/// <param name="Status"><c>requires_payment_method, requires_confirmation, requires_action, processing, requires_capture, succeeded, canceled</c>, or newer.</param>
public sealed record StripePaymentIntent(
    string Id, string Status, long Amount, long AmountReceived, long AmountCapturable, string Currency, StripeSecret? ClientSecret,
    StripeExpandable<StripeCustomer>? Customer, StripeExpandable<StripePaymentMethod>? PaymentMethod,
    StripeExpandable<StripeCharge>? LatestCharge, StripeNextAction? NextAction, StripeError? LastPaymentError,
    string? CancellationReason, string? TransferGroup, long Created, bool Livemode, Dictionary<string, string>? Metadata);

/// <summary>What the payer has to do next.</summary>
public sealed record StripeNextAction(string Type, StripeRedirect? RedirectToUrl);

/// <summary>Where the payer authenticates, and where they come back to.</summary>
public sealed record StripeRedirect(string? Url, string? ReturnUrl);

/// <summary>One attempt to take money.</summary>
/// <param name="Status"><c>succeeded, pending, failed</c>, or newer.</param>
public sealed record StripeCharge(
    string Id, string Status, long Amount, long AmountCaptured, long AmountRefunded, string Currency, bool Captured, bool Disputed, bool Refunded,
    string? FailureCode, string? PaymentIntent, StripeExpandable<StripeBalanceTransaction>? BalanceTransaction, string? TransferGroup,
    long Created, bool Livemode, Dictionary<string, string>? Metadata);

/// <summary>Money given back.</summary>
/// <param name="Status"><c>pending, requires_action, succeeded, failed, canceled</c>, or newer; a success may still become a failure.</param>
public sealed record StripeRefund(
    string Id, string Status, long Amount, string Currency, string? PaymentIntent, string? Charge, string? FailureReason,
    string? Reason, StripeExpandable<StripeBalanceTransaction>? BalanceTransaction, long Created, Dictionary<string, string>? Metadata);

/// <summary>One line of Stripe's statement: amount − fee = net.</summary>
public sealed record StripeBalanceTransaction(
    string Id, string Type, string? ReportingCategory, long Amount, long Fee, long Net, string Currency, string Status,
    StripeExpandable<StripeSource>? Source, long AvailableOn, long Created);

/// <summary>What a line of the statement is about; expanded, with the payment it belongs to.</summary>
public sealed record StripeSource(string Id, string Object, string? PaymentIntent, string? Charge, Dictionary<string, string>? Metadata);

/// <summary>Money sent to our bank account.</summary>
/// <param name="Status"><c>pending, in_transit, paid, failed, canceled</c>, or newer.</param>
/// <param name="Automatic">Made by Stripe's schedule; only such a payout can be itemised.</param>
/// <param name="ReconciliationStatus"><c>not_applicable, in_progress, completed</c>, or newer.</param>
public sealed record StripePayout(
    string Id, string Status, long Amount, string Currency, bool Automatic, string? ReconciliationStatus, long ArrivalDate, long Created);

/// <summary>A page of a list, newest first.</summary>
public sealed record StripeList<T>(List<T> Data, bool HasMore);

/// <summary>An event; <see cref="StripeEventData.Object"/> is how the object was, so read the object again before acting on it.</summary>
public sealed record StripeEvent(
    string Id, string Type, string? ApiVersion, long Created, bool Livemode, string? Account, StripeEventRequest? Request, StripeEventData Data);

/// <summary>The call that caused an event; its key ties it to our command.</summary>
public sealed record StripeEventRequest(string? Id, string? IdempotencyKey);

/// <summary>The object of an event.</summary>
public sealed record StripeEventData(JsonElement Object)
{
    /// <summary>Names the object only: its JSON may hold a client secret.</summary>
    public override string ToString() =>
        Object.ValueKind == JsonValueKind.Object && Object.TryGetProperty("id", out var id) ? id.ToString() : "";
}

/// <summary>Why Stripe refused.</summary>
/// <param name="Type"><c>card_error, invalid_request_error, idempotency_error, api_error</c>, or newer.</param>
/// <param name="AdviceCode"><c>confirm_card_data, do_not_try_again, try_again_later</c>, or newer.</param>
public sealed record StripeError(
    string Type, string? Code = null, string? DeclineCode = null, string? Message = null, string? Param = null, string? Charge = null,
    string? AdviceCode = null, StripePaymentIntent? PaymentIntent = null, StripePaymentMethod? PaymentMethod = null,
    StripeSetupIntent? SetupIntent = null);

internal sealed record StripeErrorBody(StripeError? Error);
