using Marketplace.PooledOrders.Payments;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>What a line of the payment provider's statement is about.</summary>
public static class LineKind
{
    /// <summary>A business was charged; the amount is positive.</summary>
    public const string Charge = "charge";

    /// <summary>Money was given back; the amount is negative.</summary>
    public const string Refund = "refund";

    /// <summary>A refund came back; the amount is positive.</summary>
    public const string RefundFailure = "refund-failure";

    /// <summary>The payer's bank took the money back (negative) or returned it (positive).</summary>
    public const string Dispute = "dispute";

    /// <summary>Sent to our bank account (negative), or come back from it.</summary>
    public const string Payout = "payout";

    /// <summary>The provider's own price, beside those of single payments.</summary>
    public const string Fee = "fee";

    /// <summary>Anything else.</summary>
    public const string Other = "other";

    /// <summary>Reads the provider's two words for it (wire contract §11); unknown ones are <see cref="Other"/>.</summary>
    public static string Of(string type, string? reportingCategory) => (type, reportingCategory) switch
    {
        ("refund_failure" or "payment_failure_refund", _) or (_, "refund_failure") => RefundFailure,
        ("charge" or "payment", _) or (_, "charge") => Charge,
        ("refund" or "payment_refund", _) or (_, "refund") => Refund,
        (_, "dispute" or "dispute_reversal") => Dispute,
        ("payout" or "payout_failure" or "payout_cancel", _) or (_, "payout" or "payout_reversal") => Payout,
        ("stripe_fee" or "stripe_fx_fee" or "tax_fee", _) or (_, "fee" or "tax" or "network_cost") => Fee,
        _ => Other,
    };
}

/// <summary>One line of the payment provider's statement, as far as matching needs it.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Kind">One of <see cref="LineKind"/>.</param>
/// <param name="AmountCents">Before the provider's fee, in cents of the currency; negative when money leaves.</param>
/// <param name="Currency">Lower-case ISO 4217.</param>
/// <param name="PaymentIntentId">The payment it belongs to.</param>
/// <param name="RefundId">The refund it is about.</param>
/// <param name="Created">When the provider booked it (UTC).</param>
public sealed record StatementLine(string Id, string Kind, long AmountCents, string Currency, string? PaymentIntentId, string? RefundId, DateTime Created)
{
    /// <summary>The only currency that counts here.</summary>
    public const string Euro = "eur";

    /// <summary>True when the provider's own arithmetic holds: amount − fee = net.</summary>
    public static bool AddsUp(StripeBalanceTransaction line) => (Int128)line.Amount - line.Fee == line.Net;

    /// <summary>The refund that a line is about, if it is about one.</summary>
    public static string? RefundOf(StripeBalanceTransaction line) =>
        LineKind.Of(line.Type, line.ReportingCategory) is LineKind.Refund or LineKind.RefundFailure ? line.Source?.Id : null;

    /// <summary>The commitment that the provider's object names in its metadata; whether there is such a one is not known here.</summary>
    public static Guid? CommitmentOf(StripeBalanceTransaction line) =>
        Guid.TryParseExact(line.Source?.Value?.Metadata?.GetValueOrDefault("commitment_id"), "D", out var id) ? id : null;
}
