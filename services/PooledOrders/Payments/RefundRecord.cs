using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;

namespace Marketplace.PooledOrders.Payments;

/// <summary>For the history: money is to be given back, for one of <see cref="RefundReason"/>.</summary>
public sealed record RefundBecameDue(Guid CommitmentId, string Reason, long AmountCents);

/// <summary>For the history: the payment provider took the refund; <c>pending</c> while the bank has not.</summary>
public sealed record Refunded(Guid CommitmentId, string Reason, long AmountCents, string RefundReference, string Status);

/// <summary>For the history: the refund was refused or sent back; a person decides what next.</summary>
public sealed record RefundFailed(Guid CommitmentId, string Reason, long AmountCents, string Code);

/// <summary>For the history: a failed refund is tried again.</summary>
public sealed record RefundAskedAgain(Guid CommitmentId, string Reason, int Attempt);

/// <summary>A commitment of which <paramref name="AmountCents"/> &gt; 0 are to be given back.</summary>
public sealed record RefundDue(Guid CommitmentId, long AmountCents);

/// <summary>What asking for a refund came to; status is one of <see cref="RefundStatus"/>, <c>due</c> for "not known, ask again".</summary>
public sealed record RefundOutcome(string Status, string? RefundReference = null, string? Code = null)
{
    /// <summary>Reads a refund as the payment provider tells it.</summary>
    public static RefundOutcome Of(StripeRefund refund) => refund.Status switch
    {
        "succeeded" => new RefundOutcome(RefundStatus.Succeeded, refund.Id),
        "failed" or "canceled" => new RefundOutcome(RefundStatus.Failed, refund.Id, refund.FailureReason ?? refund.Status),
        _ => new RefundOutcome(RefundStatus.Pending, refund.Id),
    };
}

/// <summary>Writes what is to be given back and what became of it. Telling the same outcome twice changes nothing.</summary>
public sealed class RefundRecord(Session session, FactLog facts, TimeProvider clock, OutboxSignal outbox)
{
    /// <summary>How long until a pending refund is looked at again, should no webhook come.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromHours(1);

    /// <summary>
    /// Writes refunds down in the current transaction; the commitments are locked by the caller. A commitment that has a
    /// refund for this reason already gets no second one.
    /// </summary>
    public async Task AskAsync(string reason, IReadOnlyCollection<RefundDue> refunds, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var now = clock.GetUtcNow();
        var asked = await db.QueryAsync<(Guid CommitmentId, long AmountCents, int Version)>(
            """
            with asked as (
              insert into refund (id, commitment_id, reason, amount_cents, idempotency_key, asked_at)
              select id, commitment_id, @reason, amount_cents, key, @now from unnest(@ids, @commitments, @amounts, @keys) as r (id, commitment_id, amount_cents, key)
              order by commitment_id on conflict (commitment_id, reason) do nothing
              returning commitment_id, amount_cents)
            update commitment c set version = c.version + 1 from asked a where c.id = a.commitment_id
            returning a.commitment_id, a.amount_cents, c.version
            """,
            new
            {
                reason,
                now = now.UtcDateTime,
                ids = refunds.Select(_ => Guid.CreateVersion7(now)).ToArray(),
                commitments = refunds.Select(r => r.CommitmentId).ToArray(),
                amounts = refunds.Select(r => r.AmountCents).ToArray(),
                keys = refunds.Select(r => RefundRow.KeyOf(reason, r.CommitmentId, 1)).ToArray(),
            });
        await facts.AppendAsync([.. asked.Select(a => facts.New(a.CommitmentId, a.Version, new RefundBecameDue(a.CommitmentId, reason, a.AmountCents)))], ct);
    }

    /// <summary>Records the outcome of an attempt, in a transaction of its own.</summary>
    public async Task WriteAsync(RefundRow refund, RefundOutcome outcome, CancellationToken ct)
    {
        await session.BeginAsync(ct);
        var db = await session.OpenAsync(ct);
        var locked = await RefundRow.LockAsync(db, refund);
        var now = clock.GetUtcNow().UtcDateTime;
        if (locked.Attempt == refund.Attempt && MovesOn(locked.Status, outcome.Status))
        {
            await db.ExecuteAsync(
                "update refund set status = @Status, refund_reference = coalesce(@RefundReference, refund_reference), failure_code = @Code, next_try_at = @next where id = @Id",
                new { outcome.Status, outcome.RefundReference, outcome.Code, next = outcome.Status == RefundStatus.Pending ? now + LookAgain : (DateTime?)null, refund.Id });
            var version = await db.ExecuteScalarAsync<int>("update commitment set version = version + 1 where id = @CommitmentId returning version", new { refund.CommitmentId });
            object fact = outcome.Status == RefundStatus.Failed
                ? new RefundFailed(refund.CommitmentId, refund.Reason, refund.AmountCents, outcome.Code!)
                : new Refunded(refund.CommitmentId, refund.Reason, refund.AmountCents, outcome.RefundReference!, outcome.Status);
            await facts.AppendAsync(refund.CommitmentId, version, fact, ct);
        }
        else if (locked.Attempt == refund.Attempt)
        {
            var pause = locked.Status == RefundStatus.Pending ? LookAgain : TimeSpan.FromSeconds(Math.Min(300, Math.Pow(2, Math.Min(locked.Tries, 9))));
            await db.ExecuteAsync("update refund set next_try_at = @next where id = @Id and status in ('due', 'pending')", new { next = now + pause, refund.Id });
        }

        await session.CommitAsync(ct);
        outbox.Wake();
    }

    private static bool MovesOn(string from, string to) => Array.IndexOf(RefundStatus.InOrder, to) > Array.IndexOf(RefundStatus.InOrder, from);
}
