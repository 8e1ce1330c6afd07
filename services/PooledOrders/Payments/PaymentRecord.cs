using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Notices;

namespace Marketplace.PooledOrders.Payments;

/// <summary>For the history: the charge failed; the business may pay on-session until then.</summary>
public sealed record PaymentFailed(Guid CommitmentId, string Code, DateTime DueUntil);

/// <summary>
/// Writes what a charge came to, in one transaction with the commitment's state. It only moves forward: a success is
/// never undone by a late message, and telling the same outcome twice changes nothing. Money that comes although the
/// commitment has ended is written down to be given back.
/// </summary>
public sealed class PaymentRecord(Session session, FactLog facts, RefundRecord refunds, GiveNotice notices, TimeProvider clock, OutboxSignal outbox)
{
    /// <summary>How long a business may pay on-session after a failed charge (DOMAIN §3).</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromDays(7);

    /// <summary>Records the outcome of a try.</summary>
    public async Task WriteAsync(Guid commitmentId, ChargeOutcome outcome, CancellationToken ct)
    {
        await session.BeginAsync(ct);
        var db = await session.OpenAsync(ct);
        var payment = (await PaymentRow.LockAsync(db, commitmentId))!;
        if (payment.Status != PaymentStatus.Succeeded)
        {
            await (outcome.Kind switch
            {
                ChargeKind.Succeeded when payment.CommitmentStatus is CommitmentStatus.Released or CommitmentStatus.Defaulted => ComeLateAsync(payment, outcome, ct),
                ChargeKind.Succeeded => SucceedAsync(payment, outcome, ct),
                ChargeKind.Unknown => TryLaterAsync(payment, outcome),
                _ => FailAsync(payment, outcome, ct),
            });
        }

        await session.CommitAsync(ct);
        outbox.Wake();
    }

    private async Task ComeLateAsync(PaymentRow payment, ChargeOutcome outcome, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        await db.ExecuteAsync(
            "update payment set payment_intent_id = coalesce(payment_intent_id, @PaymentIntentId), paid_at = coalesce(paid_at, @now) where commitment_id = @CommitmentId",
            new { outcome.PaymentIntentId, now = clock.GetUtcNow().UtcDateTime, payment.CommitmentId });
        await refunds.AskAsync(RefundReason.LatePayment, [new RefundDue(payment.CommitmentId, payment.AmountCents!.Value)], ct);
    }

    private async Task SucceedAsync(PaymentRow payment, ChargeOutcome outcome, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        await db.ExecuteAsync(
            "update payment set status = 'succeeded', payment_intent_id = @PaymentIntentId, failure_code = null, due_until = null, paid_at = @now where commitment_id = @CommitmentId",
            new { outcome.PaymentIntentId, now, payment.CommitmentId });
        await MoveAsync(
            payment, CommitmentStatus.Paid,
            version => new CommitmentPaid(payment.CommitmentId, payment.PoolId, payment.ProviderId, payment.AmountCents!.Value, outcome.PaymentIntentId, now, version), ct);
    }

    private async Task FailAsync(PaymentRow payment, ChargeOutcome outcome, CancellationToken ct)
    {
        if (payment.Status == PaymentStatus.Cancelled)
        {
            return;
        }

        var db = await session.OpenAsync(ct);
        var dueUntil = payment.DueUntil ?? clock.GetUtcNow().UtcDateTime + Grace;
        var code = outcome.Code ?? "declined";
        await db.ExecuteAsync(
            "update payment set status = @status, payment_intent_id = coalesce(@PaymentIntentId, payment_intent_id), failure_code = @code, due_until = @dueUntil, next_try_at = null where commitment_id = @CommitmentId",
            new { status = outcome.Kind == ChargeKind.ActionRequired ? PaymentStatus.ActionRequired : PaymentStatus.Failed, outcome.PaymentIntentId, code, dueUntil, payment.CommitmentId });
        if (payment.CommitmentStatus == CommitmentStatus.PaymentDue || payment.FailureCode != code)
        {
            await MoveAsync(payment, CommitmentStatus.PaymentFailed, _ => new PaymentFailed(payment.CommitmentId, code, dueUntil), ct);

            // Once: whoever tries another card sees what became of it.
            await notices.ToAsync(
                new Notice(NoticeKind.PaymentFailed, payment.PoolId, payment.PoolTitle, $"{payment.CommitmentId}", dueUntil),
                [new NoticeRecipient(payment.OrganisationId, payment.CommitmentId, payment.AmountCents)], ct);
        }
    }

    private async Task TryLaterAsync(PaymentRow payment, ChargeOutcome outcome)
    {
        var db = await session.OpenAsync();
        var pause = TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, Math.Min(payment.Tries, 9))));
        await db.ExecuteAsync(
            "update payment set payment_intent_id = coalesce(@PaymentIntentId, payment_intent_id), next_try_at = @next where commitment_id = @CommitmentId",
            new { outcome.PaymentIntentId, next = clock.GetUtcNow().UtcDateTime + pause, payment.CommitmentId });
    }

    private async Task MoveAsync(PaymentRow payment, string status, Func<int, object> fact, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var version = await db.ExecuteScalarAsync<int>(
            "update commitment set status = @status, version = version + 1 where id = @CommitmentId returning version", new { status, payment.CommitmentId });
        await facts.AppendAsync(payment.CommitmentId, version, fact(version), ct);
    }
}
