using Dapper;
using Marketplace.Platform.Storage;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// Talks to the payment provider about one commitment (DOMAIN §3): the saved method while the pool is open, then one
/// charge. Keys are derived from the commitment and written down before the call, and a PaymentIntent that exists is
/// gone on with, so that nothing that is retried, restarted or duplicated charges twice.
/// </summary>
public sealed class Charging(StripeClient stripe, Session session, SavedMethods methods, PaymentRecord record, IConfiguration configuration)
{
    /// <summary>The least that the payment provider charges, in cents (it answers <c>amount_too_small</c> below). What a business owes below it stays outstanding, for its provider to settle.</summary>
    public const long LeastCents = 50;

    /// <summary>Saves the payment method (SetupIntent) of a commitment whose pool is open.</summary>
    public async Task SetUpAsync(PaymentRow payment, CancellationToken ct)
    {
        var (customer, method, code, isKnown) = await methods.FindOrSaveAsync(payment, ct);
        if (!isKnown)
        {
            return;
        }

        var db = await session.OpenAsync(ct);
        await db.ExecuteAsync(
            "update payment set status = @status, failure_code = @code, next_try_at = null where commitment_id = @CommitmentId and status = 'to-set-up'",
            new { status = customer is not null && method is not null && code is null ? PaymentStatus.Ready : PaymentStatus.SetupFailed, code, payment.CommitmentId });
    }

    /// <summary>Charges off-session and records the outcome.</summary>
    public async Task ChargeAsync(PaymentRow payment, CancellationToken ct)
    {
        if (payment.PaymentIntentId is { } known)
        {
            await record.WriteAsync(payment.CommitmentId, ChargeOutcome.Of(await stripe.GetPaymentIntentAsync(known, ct)), ct);
            return;
        }

        var (customer, method, code, isKnown) = await methods.FindOrSaveAsync(payment, ct);
        if (!isKnown)
        {
            await record.WriteAsync(payment.CommitmentId, new ChargeOutcome(ChargeKind.Unknown, null), ct);
        }
        else if (customer is null || method is null)
        {
            await record.WriteAsync(payment.CommitmentId, new ChargeOutcome(ChargeKind.Declined, null, code ?? SavedMethods.Missing), ct);
        }
        else
        {
            await record.WriteAsync(payment.CommitmentId, await CreateAsync(payment, customer, method, ct), ct);
        }
    }

    /// <summary>
    /// Charges with the payer present: goes on with the same PaymentIntent, with the given method or else the saved one.
    /// The caller has raised <see cref="PaymentRow.Attempt"/> before.
    /// </summary>
    public async Task<ChargeOutcome> ChargeOnSessionAsync(PaymentRow payment, string? paymentMethod, CancellationToken ct)
    {
        var method = paymentMethod ?? payment.PaymentMethod;
        if (method is null)
        {
            return new ChargeOutcome(ChargeKind.Declined, null, SavedMethods.Missing);
        }

        var outcome = payment.PaymentIntentId is { } known
            ? await ConfirmAsync(payment, known, method, ct)
            : await FirstOnSessionAsync(payment, method, ct);
        await record.WriteAsync(payment.CommitmentId, outcome, ct);
        return outcome;
    }

    /// <summary>Reads the PaymentIntent and records how it stands: after a webhook, and before giving a payment up.</summary>
    public async Task<ChargeOutcome> RefreshAsync(PaymentRow payment, CancellationToken ct)
    {
        var outcome = ChargeOutcome.Of(await stripe.GetPaymentIntentAsync(payment.PaymentIntentId!, ct));
        if (outcome.Kind != ChargeKind.Unknown)
        {
            await record.WriteAsync(payment.CommitmentId, outcome, ct);
        }

        return outcome;
    }

    /// <summary>Makes sure that a payment can no longer succeed.</summary>
    /// <returns>False when it has succeeded meanwhile (and is recorded), or the provider cannot be asked now.</returns>
    public async Task<bool> GiveUpAsync(PaymentRow payment, CancellationToken ct)
    {
        if (payment.PaymentIntentId is null)
        {
            return true;
        }

        var cancelled = await stripe.CancelPaymentIntentAsync(payment.PaymentIntentId, "abandoned", $"pix:{payment.CommitmentId}:{payment.Attempt}", ct);
        if (cancelled.IsSuccess)
        {
            return true;
        }

        var outcome = await RefreshAsync(payment, ct);
        return outcome is { Kind: ChargeKind.Declined, Code: "canceled" };
    }

    private async Task<ChargeOutcome> FirstOnSessionAsync(PaymentRow payment, string method, CancellationToken ct)
    {
        var (customer, saved, code, isKnown) = await methods.FindOrSaveAsync(payment with { PaymentMethod = method, SetupIntentId = null }, ct);
        if (!isKnown)
        {
            return new ChargeOutcome(ChargeKind.Unknown, null);
        }

        if (customer is null || saved is null)
        {
            return new ChargeOutcome(ChargeKind.Declined, null, code ?? SavedMethods.Missing);
        }

        var outcome = await CreateAsync(payment, customer, saved, ct);
        return outcome is { Kind: ChargeKind.Declined, Code: "authentication_required", PaymentIntentId: { } intent }
            ? await ConfirmAsync(payment, intent, saved, ct)
            : outcome;
    }

    private async Task<ChargeOutcome> ConfirmAsync(PaymentRow payment, string intent, string method, CancellationToken ct)
    {
        var returnUrl = configuration["PublicAddress"] is { Length: > 0 } address ? new Uri($"{address.TrimEnd('/')}/mes-engagements/{payment.CommitmentId}") : null;
        var outcome = ChargeOutcome.Of(await stripe.ConfirmPaymentIntentAsync(intent, method, returnUrl, $"pic:{payment.CommitmentId}:{payment.Attempt}", ct));
        return outcome is { Kind: ChargeKind.Declined, Code: "payment_intent_unexpected_state" }
            ? ChargeOutcome.Of(await stripe.GetPaymentIntentAsync(intent, ct))
            : outcome with { PaymentIntentId = outcome.PaymentIntentId ?? intent };
    }

    /// <summary>A key is only good for a day, so a repeated try looks first whether the intent exists.</summary>
    private async Task<ChargeOutcome> CreateAsync(PaymentRow payment, string customer, string method, CancellationToken ct)
    {
        if (payment.Tries > 1)
        {
            var existing = await stripe.ListPaymentIntentsAsync(customer, DateTimeOffset.UnixEpoch, ct);
            if (!existing.IsSuccess)
            {
                return new ChargeOutcome(ChargeKind.Unknown, null);
            }

            if (existing.Value.Data.FirstOrDefault(i => i.Metadata?.GetValueOrDefault("commitment_id") == payment.CommitmentId.ToString()) is { } intent)
            {
                return ChargeOutcome.Of(intent);
            }
        }

        return ChargeOutcome.Of(await stripe.CreatePaymentIntentAsync(
            payment.AmountCents!.Value, customer, method, payment.PoolId.ToString(), SavedMethods.Metadata(payment), $"pi:{payment.CommitmentId}:{payment.Attempt}", ct));
    }
}
