using System.Globalization;
using Marketplace.Platform.Storage;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// Gives money back through the payment provider. The key was written down with the refund, and a repeated try first
/// looks whether the refund exists (a key is only good for a day), so that nothing that is retried, restarted or
/// duplicated gives back twice.
/// </summary>
public sealed class Refunding(StripeClient stripe, Session session, RefundRecord record)
{
    private const string RefundId = "refund_id";
    private const string Attempt = "attempt";

    /// <summary>Asks for a refund, or looks how a pending one stands, and records the outcome.</summary>
    public async Task GiveBackAsync(RefundRow refund, CancellationToken ct) => await record.WriteAsync(
        refund,
        refund.RefundReference is { } reference
            ? await LookAsync(reference, ct)
            : await FindAsync(refund, ct) ?? await CreateAsync(refund, ct),
        ct);

    /// <summary>Reads a refund that an event is about and records how it stands, if it is one of ours.</summary>
    /// <returns>False when it could not be read now.</returns>
    public async Task<bool> RefreshAsync(string reference, CancellationToken ct)
    {
        var answer = await stripe.GetRefundAsync(reference, ct);
        if (answer is { IsSuccess: true, Value: { } refund }
            && Guid.TryParse(refund.Metadata?.GetValueOrDefault(RefundId), out var id)
            && await RefundRow.FindAsync(await session.OpenAsync(ct), id) is { } row
            && IsOf(refund, row))
        {
            await record.WriteAsync(row, RefundOutcome.Of(refund), ct);
        }

        return answer.Outcome is not (StripeOutcome.Unknown or StripeOutcome.Unauthorized);
    }

    private async Task<RefundOutcome> LookAsync(string reference, CancellationToken ct) =>
        await stripe.GetRefundAsync(reference, ct) is { IsSuccess: true, Value: { } refund } ? RefundOutcome.Of(refund) : new RefundOutcome(RefundStatus.Due);

    private async Task<RefundOutcome?> FindAsync(RefundRow refund, CancellationToken ct)
    {
        if (refund.Tries <= 1)
        {
            return null;
        }

        var existing = await stripe.ListRefundsAsync(refund.PaymentIntentId, ct);
        if (!existing.IsSuccess)
        {
            return new RefundOutcome(RefundStatus.Due);
        }

        return existing.Value.Data.FirstOrDefault(r => IsOf(r, refund)) is { } found ? RefundOutcome.Of(found) : null;
    }

    private async Task<RefundOutcome> CreateAsync(RefundRow refund, CancellationToken ct)
    {
        var metadata = new Dictionary<string, string>
        {
            ["commitment_id"] = refund.CommitmentId.ToString(),
            [RefundId] = refund.Id.ToString(),
            [Attempt] = refund.Attempt.ToString(CultureInfo.InvariantCulture),
            ["reason"] = refund.Reason,
        };
        return OutcomeOf(await stripe.CreateRefundAsync(refund.PaymentIntentId, refund.AmountCents, metadata, refund.IdempotencyKey, ct));
    }

    private static RefundOutcome OutcomeOf(StripeAnswer<StripeRefund> answer) => answer switch
    {
        { IsSuccess: true, Value: { } refund } => RefundOutcome.Of(refund),
        { Outcome: StripeOutcome.Unknown or StripeOutcome.Unauthorized } => new RefundOutcome(RefundStatus.Due),
        _ => new RefundOutcome(RefundStatus.Failed, null, answer.Error!.Code ?? answer.Error.Type),
    };

    private static bool IsOf(StripeRefund refund, RefundRow row) =>
        refund.Metadata?.GetValueOrDefault(RefundId) == row.Id.ToString()
        && refund.Metadata.GetValueOrDefault(Attempt) == row.Attempt.ToString(CultureInfo.InvariantCulture);
}
