namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>A payment that the marketplace recorded as taken.</summary>
public sealed record RecordedPayment(string PaymentIntentId, long AmountCents, DateTime At);

/// <summary>A refund that the marketplace recorded as given, by the payment provider's id of it. The amount is positive.</summary>
public sealed record RecordedRefund(string RefundId, long AmountCents, DateTime At);

/// <summary>Both sides of one commitment: what was recorded, and the lines of the statement that belong to it.</summary>
/// <param name="Payment">The payment, once it is recorded as taken.</param>
/// <param name="IsUnderWay">A charge may have happened whose answer is not recorded yet.</param>
/// <param name="IsRefundUnderWay">A refund may have happened whose answer is not recorded yet.</param>
/// <param name="Refunds">The refunds recorded as given.</param>
/// <param name="Lines">The lines, in any order; none without a payment of ours, then only the lines matter.</param>
public sealed record CardState(RecordedPayment? Payment, bool IsUnderWay, bool IsRefundUnderWay, IReadOnlyCollection<RecordedRefund> Refunds, IReadOnlyCollection<StatementLine> Lines);

/// <summary>What a line, or a record without one, came to. Amounts in cents as the statement signs them; recorded − statement is the difference.</summary>
/// <param name="Kind">One of <see cref="CardOutcomes"/>.</param>
/// <param name="Subject">The line's id; for what has no line, the payment provider's id of the payment or refund.</param>
/// <param name="Line">The line, where there is one.</param>
/// <param name="Side">Which record it stands beside: <c>payment</c>, <c>refund</c> or <c>none</c>.</param>
/// <param name="RecordedCents">What the marketplace recorded.</param>
/// <param name="StatementCents">What the statement says; 0 in another currency.</param>
/// <param name="At">The instant by which it belongs to a period: the line's, else the record's (UTC).</param>
public sealed record CardOutcome(string Kind, string Subject, StatementLine? Line, string Side, long RecordedCents, long StatementCents, DateTime At);

/// <summary>
/// Matches card payments to the payment provider's statement (DOMAIN §6, last point): by the provider's id of the payment
/// or refund, else by (commitment, amount). Pure; the order of the lines does not matter.
/// </summary>
public static class CardMatching
{
    /// <summary>How long a record may be without its line (and a line without its record, while a charge is under way).</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromDays(5);

    /// <summary>Decides every line and every record once.</summary>
    public static IReadOnlyList<CardOutcome> Decide(CardState state, DateTime now)
    {
        var outcomes = new List<CardOutcome>();
        var lines = state.Lines.OrderBy(l => l.Created).ThenBy(l => l.Id, StringComparer.Ordinal).ToList();
        foreach (var foreign in lines.Where(l => l.Currency != StatementLine.Euro))
        {
            outcomes.Add(new CardOutcome(CardOutcomes.Currency, foreign.Id, foreign, CardOutcomes.NoSide, 0, 0, foreign.Created));
        }

        lines.RemoveAll(l => l.Currency != StatementLine.Euro);
        outcomes.AddRange(Charges(state, [.. lines.Where(l => l.Kind == LineKind.Charge)], now));
        outcomes.AddRange(Refunds(state, lines, now));
        outcomes.AddRange(lines.Where(l => l.Kind is not (LineKind.Charge or LineKind.Refund)).Select(l => Alone(l.Kind switch
        {
            LineKind.RefundFailure => CardOutcomes.RefundFailed,
            LineKind.Dispute => CardOutcomes.Disputed,
            LineKind.Payout or LineKind.Fee => CardOutcomes.Other,
            _ => CardOutcomes.Unknown,
        }, l)));
        return outcomes;
    }

    private static IEnumerable<CardOutcome> Charges(CardState state, IReadOnlyList<StatementLine> charges, DateTime now)
    {
        if (state.Payment is not { } payment)
        {
            return charges.Select(c => Alone(Early(state.IsUnderWay, c, now), c));
        }

        var own = charges.FirstOrDefault(c => c.PaymentIntentId == payment.PaymentIntentId)
            ?? charges.FirstOrDefault(c => c.AmountCents == payment.AmountCents)
            ?? charges.FirstOrDefault();
        return own is null
            ? [WithoutLine(payment.PaymentIntentId, CardOutcomes.PaymentSide, payment.AmountCents, payment.At, now)]
            : charges.Select(c => c == own ? Beside(c, CardOutcomes.PaymentSide, payment.AmountCents) : Alone(CardOutcomes.Duplicate, c));
    }

    private static IEnumerable<CardOutcome> Refunds(CardState state, List<StatementLine> lines, DateTime now)
    {
        var returned = lines.Where(l => l.Kind == LineKind.RefundFailure).Select(l => l.RefundId).ToHashSet();
        var recorded = state.Refunds.ToDictionary(r => r.RefundId);
        foreach (var (id, same) in lines.Where(l => l.Kind == LineKind.Refund).GroupBy(l => l.RefundId ?? l.Id).Select(g => (g.Key, g.ToList())))
        {
            var known = recorded.Remove(id, out var refund);
            yield return known ? Beside(same[0], CardOutcomes.RefundSide, -refund!.AmountCents)
                : Alone(returned.Contains(id) ? CardOutcomes.Reversed : Early(state.IsRefundUnderWay, same[0], now), same[0]);
            foreach (var again in same.Skip(1))
            {
                yield return Alone(CardOutcomes.Duplicate, again);
            }
        }

        foreach (var refund in recorded.Values)
        {
            yield return WithoutLine(refund.RefundId, CardOutcomes.RefundSide, -refund.AmountCents, refund.At, now);
        }
    }

    private static string Early(bool isUnderWay, StatementLine line, DateTime now) =>
        isUnderWay && now < line.Created + Patience ? CardOutcomes.Waiting : CardOutcomes.Unknown;

    private static CardOutcome Beside(StatementLine line, string side, long recorded) =>
        new(Compare(line.AmountCents, recorded), line.Id, line, side, recorded, line.AmountCents, line.Created);

    private static string Compare(long statement, long recorded) =>
        statement == recorded ? CardOutcomes.Exact : Math.Abs((decimal)statement) < Math.Abs((decimal)recorded) ? CardOutcomes.Partial : CardOutcomes.Over;

    private static CardOutcome WithoutLine(string reference, string side, long recorded, DateTime at, DateTime now) =>
        new(now < at + Patience ? CardOutcomes.Waiting : CardOutcomes.Missing, reference, null, side, recorded, 0, at);

    private static CardOutcome Alone(string kind, StatementLine line) =>
        new(kind, line.Id, line, CardOutcomes.NoSide, 0, kind == CardOutcomes.Other ? 0 : line.AmountCents, line.Created);
}
