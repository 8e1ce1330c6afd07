namespace Marketplace.PooledOrders.Payments;

/// <summary>What a try to charge came to (wire contract of the payment provider, §6.3).</summary>
/// <param name="Kind">What to do next.</param>
/// <param name="PaymentIntentId">The payment provider's object, once it exists; a later try goes on with the same one.</param>
/// <param name="Code">Why not, in the provider's word.</param>
/// <param name="RedirectUrl">Where the payer authenticates; only ever given to the paying user.</param>
public sealed record ChargeOutcome(ChargeKind Kind, string? PaymentIntentId, string? Code = null, string? RedirectUrl = null)
{
    /// <summary>Reads an answer about a PaymentIntent. Unknown statuses count as "ask again".</summary>
    public static ChargeOutcome Of(StripeAnswer<StripePaymentIntent> answer) => answer switch
    {
        { IsSuccess: true, Value: { } intent } => Of(intent),
        { Outcome: StripeOutcome.CardError, Error: var error } => new ChargeOutcome(ChargeKind.Declined, error!.PaymentIntent?.Id, error.DeclineCode ?? error.Code ?? error.Type),
        { Outcome: StripeOutcome.InvalidRequest or StripeOutcome.NotFound or StripeOutcome.IdempotencyMismatch, Error: var error } =>
            new ChargeOutcome(ChargeKind.Declined, error!.PaymentIntent?.Id, error.Code ?? error.Type),
        _ => new ChargeOutcome(ChargeKind.Unknown, null),
    };

    /// <summary>Reads a PaymentIntent.</summary>
    public static ChargeOutcome Of(StripePaymentIntent intent) => intent.Status switch
    {
        "succeeded" => new ChargeOutcome(ChargeKind.Succeeded, intent.Id),
        "requires_action" => new ChargeOutcome(ChargeKind.ActionRequired, intent.Id, "authentication_required", intent.NextAction?.RedirectToUrl?.Url),
        "requires_payment_method" => new ChargeOutcome(ChargeKind.Declined, intent.Id, intent.LastPaymentError?.DeclineCode ?? intent.LastPaymentError?.Code ?? "declined"),
        "canceled" => new ChargeOutcome(ChargeKind.Declined, intent.Id, "canceled"),
        _ => new ChargeOutcome(ChargeKind.Unknown, intent.Id),
    };
}

/// <summary>The kinds of <see cref="ChargeOutcome"/>.</summary>
public enum ChargeKind
{
    /// <summary>The money is taken.</summary>
    Succeeded,

    /// <summary>Not with this card, or not without the payer: seven days to pay on-session.</summary>
    Declined,

    /// <summary>The payer has to authenticate.</summary>
    ActionRequired,

    /// <summary>It may or may not have happened: the same try again, later.</summary>
    Unknown,
}
