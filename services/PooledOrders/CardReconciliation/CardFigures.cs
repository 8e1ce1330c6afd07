namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>How many, and how much in cents.</summary>
public sealed record CountAndCents(long Count, long Cents);

/// <summary>An exception as the API shows it. Amounts in cents as the statement signs them; <c>differenceCents</c> is recorded − statement.</summary>
public sealed record CardExceptionView(
    Guid Id, string Kind, string Status, string Subject, Guid? CommitmentId, Guid? PoolId, long RecordedCents, long StatementCents, DateTime At,
    DateTime RaisedAt, string? Resolution, string? Reason, Guid? ResolvedBy, DateTime? EndedAt, int Version)
{
    /// <summary>The select list that makes a view, from <c>card_exception x</c>.</summary>
    public const string Select =
        """
        select x.id, x.kind, x.status, x.subject, x.commitment_id, x.pool_id, x.recorded_cents, x.statement_cents, x.at,
               x.raised_at, x.resolution, x.reason, x.resolved_by, x.ended_at, x.version
        from card_exception x

        """;

    /// <summary>Recorded − statement, in cents.</summary>
    public long DifferenceCents => RecordedCents - StatementCents;
}

/// <summary>A payout beside its lines; <c>linesNetCents</c> is null while it is not itemised, <c>poolNetCents</c> what of it belongs to the pool asked for.</summary>
public sealed record PayoutView(
    string Id, long AmountCents, string Status, bool Automatic, DateOnly ArrivalDate, DateTime Created, long? LinesNetCents, long LineCount, long? PoolNetCents);

/// <summary>
/// What the businesses were charged, beside the payment provider's statement, for one pool or all and a period (DOMAIN §6).
/// <c>charged − refunded + adjustments − fees = net = paid out + pending</c>, all as the statement says; <c>difference</c> is
/// what the marketplace recorded (payments less refunds) minus <c>charged − refunded + adjustments</c>.
/// </summary>
/// <param name="FetchedAt">When the statement was last fetched (UTC); null when never.</param>
/// <param name="IsStale">True when the payment provider did not answer just now: the figures are those of then.</param>
/// <param name="AdjustmentsCents">Disputes, refunds that came back, and what else is no charge, refund, payout or fee.</param>
/// <param name="ExceptionCount">Exceptions in all; at most 200 are listed, open ones first.</param>
public sealed record CardReconciliationView(
    DateTime? FetchedAt,
    bool IsStale,
    CountAndCents Recorded,
    CountAndCents RecordedRefunds,
    CountAndCents Charged,
    CountAndCents Refunded,
    long AdjustmentsCents,
    long FeesCents,
    long NetCents,
    long PaidOutCents,
    long PendingPayoutCents,
    CountAndCents Exact,
    CountAndCents ExactRefunds,
    CountAndCents Waiting,
    long ExceptionCount,
    IReadOnlyList<CardExceptionView> Exceptions,
    IReadOnlyList<PayoutView> Payouts,
    long DifferenceCents);
