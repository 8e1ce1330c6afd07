using System.Diagnostics.CodeAnalysis;

namespace Marketplace.PooledOrders.Payments;

/// <summary>What became of a call to Stripe (wire contract §2).</summary>
public enum StripeOutcome
{
    /// <summary>2xx: <see cref="StripeAnswer{T}.Value"/> is there.</summary>
    Success,

    /// <summary>402: declined. On a confirmed payment the intent exists nevertheless: go on with <see cref="StripeError.PaymentIntent"/>.</summary>
    CardError,

    /// <summary>400 or another 4xx: our mistake or the wrong state (<see cref="StripeError.Code"/>). Repeating it is pointless.</summary>
    InvalidRequest,

    /// <summary>404: no such object for this key.</summary>
    NotFound,

    /// <summary>400 <c>idempotency_error</c>: the key was used with other parameters before.</summary>
    IdempotencyMismatch,

    /// <summary>401 or 403: the key is wrong or lacks a permission.</summary>
    Unauthorized,

    /// <summary>No answer, 409, 424, 429 or 5xx even after retries: it may or may not have happened. Repeat later with the same key.</summary>
    Unknown,
}

/// <summary>An answer of Stripe as a value; no HTTP status throws.</summary>
/// <param name="Outcome">What to do next.</param>
/// <param name="Value">The object, on success.</param>
/// <param name="Error">Stripe's reason, otherwise; empty when there was no answer.</param>
/// <param name="RequestId">Stripe's <c>req_…</c>, to be logged.</param>
/// <param name="Replayed">Stripe repeated the stored answer of an earlier call with the same key.</param>
public sealed record StripeAnswer<T>(StripeOutcome Outcome, T? Value, StripeError? Error, string? RequestId, bool Replayed)
    where T : class
{
    /// <summary>Whether <see cref="Value"/> is there; otherwise <see cref="Error"/> is.</summary>
    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsSuccess => Outcome == StripeOutcome.Success;
}
