using Dapper;
using Marketplace.PooledOrders.Payments;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>One group with both its sides, as the database holds them.</summary>
public sealed record CardSides(string GroupKey, Guid? CommitmentId, Guid? PoolId, CardState State)
{
    /// <summary>
    /// Reads groups. A payment counts as recorded once it succeeded, or when the money that came too late for it was
    /// given back; a refund once the payment provider has taken it on.
    /// </summary>
    public static async Task<IReadOnlyList<CardSides>> LoadAsync(NpgsqlConnection db, string[] groups)
    {
        var commitments = groups.Select(g => Guid.TryParse(g, out var id) ? id : (Guid?)null).OfType<Guid>().ToArray();
        var lines = (await db.QueryAsync<Line>(
            "select group_key, id, kind, amount_cents, currency, payment_intent_id, refund_id, created from balance_transaction where group_key = any(@groups)",
            new { groups })).ToLookup(l => l.GroupKey);
        var payments = (await db.QueryAsync<Payment>(
            """
            select c.id as commitment_id, c.pool_id, coalesce(y.status, 'none') as status, y.payment_intent_id, y.amount_cents, y.paid_at,
                   (select min(r.asked_at) from refund r where r.commitment_id = c.id and r.reason = 'late-payment') as late_at
            from commitment c left join payment y on y.commitment_id = c.id where c.id = any(@commitments)
            """, new { commitments })).ToDictionary(p => p.CommitmentId);
        var refunds = (await db.QueryAsync<Refund>(
            "select commitment_id, status, refund_reference, amount_cents, asked_at from refund where commitment_id = any(@commitments)",
            new { commitments })).ToLookup(r => r.CommitmentId);
        return [.. groups.Select(g => Of(g, [.. lines[g].Select(l => l.ToLine())], Guid.TryParse(g, out var id) ? payments.GetValueOrDefault(id) : null, refunds))];
    }

    private static CardSides Of(string group, StatementLine[] lines, Payment? payment, ILookup<Guid, Refund> refunds)
    {
        if (payment is null)
        {
            return new CardSides(group, null, null, new CardState(null, false, false, [], lines));
        }

        var own = refunds[payment.CommitmentId].ToList();
        var given = own.Where(r => r is { IsGiven: true, RefundReference: not null }).Select(r => new RecordedRefund(r.RefundReference!, r.AmountCents, r.AskedAt)).ToList();
        return new CardSides(group, payment.CommitmentId, payment.PoolId, new CardState(
            payment.Recorded, payment.IsUnderWay, own.Any(r => r.Status == RefundStatus.Due), given, lines));
    }

    private sealed record Line(string GroupKey, string Id, string Kind, long AmountCents, string Currency, string? PaymentIntentId, string? RefundId, DateTime Created)
    {
        public StatementLine ToLine() => new(Id, Kind, AmountCents, Currency, PaymentIntentId, RefundId, Created);
    }

    private sealed record Payment(Guid CommitmentId, Guid PoolId, string Status, string? PaymentIntentId, long? AmountCents, DateTime? PaidAt, DateTime? LateAt)
    {
        public RecordedPayment? Recorded =>
            PaymentIntentId is not null && AmountCents is > 0 && (Status == PaymentStatus.Succeeded || LateAt is not null)
                ? new RecordedPayment(PaymentIntentId, AmountCents.Value, (PaidAt ?? LateAt)!.Value)
                : null;

        public bool IsUnderWay => Status is PaymentStatus.Due or PaymentStatus.Failed or PaymentStatus.ActionRequired;
    }

    private sealed record Refund(Guid CommitmentId, string Status, string? RefundReference, long AmountCents, DateTime AskedAt)
    {
        public bool IsGiven => Status is RefundStatus.Pending or RefundStatus.Succeeded;
    }
}
