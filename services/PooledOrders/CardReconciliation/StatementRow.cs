namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// A line of the statement with what it was matched to, or a record that has no line. Amounts in cents of the line's
/// currency, as the statement signs them; <c>day</c> in Europe/Paris.
/// </summary>
public sealed record StatementRow(
    DateOnly Day, string? PoolTitle, Guid? PoolId, string? OrganisationName, string? Siren, Guid? CommitmentId, string Outcome, string? LineId, string? Kind,
    string? PaymentIntentId, string? RefundId, long RecordedCents, long StatementCents, long? FeeCents, long? NetCents,
    long DifferenceCents, string? Currency, string? PayoutId, string? PayoutStatus, DateOnly? ArrivalDate, DateTime At, string Subject)
{
    /// <summary>The select list and joins that make a row; add <c>where</c> and <c>order by</c>.</summary>
    public const string Select =
        """
        select (m.at at time zone 'Europe/Paris')::date as day, p.title as pool_title, m.pool_id, c.organisation_name, c.siren, m.commitment_id, m.kind as outcome, m.line_id, b.kind,
               b.payment_intent_id, b.refund_id, m.recorded_cents, coalesce(b.amount_cents, 0) as statement_cents, b.fee_cents, b.net_cents,
               m.recorded_cents - m.statement_cents as difference_cents, b.currency, b.payout_id, o.status as payout_status, o.arrival_date, m.at, m.subject
        from card_match m
        left join balance_transaction b on b.id = m.line_id left join payout o on o.id = b.payout_id
        left join commitment c on c.id = m.commitment_id left join pool p on p.id = m.pool_id

        """;
}
