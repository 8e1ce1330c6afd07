namespace Marketplace.PooledOrders.ProviderShares;

/// <summary>A provider's share of one pool as the database sums it up.</summary>
public sealed record ShareRow(
    Guid ProviderId, string ProviderName, Guid PoolId, string PoolTitle, DateTime ClosedAt, long CommitmentCount,
    long InvoicedCents, long AidCents, long OwedCents, long CollectedCents, long RefundedCents, long ToRefundCents, long DueCents,
    long Days0To30Cents, long Days31To60Cents, long Days61To90Cents, long DaysOver90Cents)
{
    /// <summary>
    /// The shares of awarded pools, one row per pool; add <c>order by</c>. Commitments that were let go or not paid in time owe
    /// nothing (DOMAIN §2, §3); one whose aid is not granted yet is not counted until what it has to pay is known. A payment
    /// is due from the closing; what a short delivery left open, for aid that was lost, from the acceptance.
    /// </summary>
    public const string Select =
        """
        select v.provider_id, v.provider_name, p.id as pool_id, p.title as pool_title, p.closed_at, count(*) as commitment_count,
               sum(c.net_cents + c.vat_cents)::bigint as invoiced_cents, sum(c.aid_cents)::bigint as aid_cents, sum(c.payable_cents)::bigint as owed_cents,
               sum(m.collected)::bigint as collected_cents, sum(m.refunded)::bigint as refunded_cents,
               sum(greatest(-d.due, 0))::bigint as to_refund_cents, sum(greatest(d.due, 0))::bigint as due_cents,
               coalesce(sum(d.due) filter (where d.due > 0 and d.days <= 30), 0)::bigint as days0_to30_cents,
               coalesce(sum(d.due) filter (where d.due > 0 and d.days between 31 and 60), 0)::bigint as days31_to60_cents,
               coalesce(sum(d.due) filter (where d.due > 0 and d.days between 61 and 90), 0)::bigint as days61_to90_cents,
               coalesce(sum(d.due) filter (where d.due > 0 and d.days > 90), 0)::bigint as days_over90_cents
        from pool p
        join pack_version v on v.pack_id = p.pack_id and v.pack_version = p.pack_version
        join commitment c on c.pool_id = p.id and c.status in ('confirmed', 'payment-due', 'payment-failed', 'paid', 'delivered', 'accepted') and c.payable_cents is not null
        left join payment y on y.commitment_id = c.id
        left join (select commitment_id, sum(amount_cents)::bigint as cents from refund where status in ('pending', 'succeeded') group by commitment_id) r on r.commitment_id = c.id
        cross join lateral (select case when y.status = 'succeeded' then y.amount_cents else 0 end as collected, coalesce(r.cents, 0) as refunded) m
        cross join lateral (
          select c.payable_cents - m.collected + m.refunded as due,
                 (@now at time zone 'Europe/Paris')::date
                 - (case when m.collected > 0 then coalesce(c.accepted_at, p.closed_at) else p.closed_at end at time zone 'Europe/Paris')::date as days) d
        where p.status in ('confirmed', 'fulfilling', 'settled')
          and (@providerId::uuid is null or v.provider_id = @providerId) and (@poolId::uuid is null or p.id = @poolId)
        group by v.provider_id, v.provider_name, p.id

        """;

    /// <summary>The view of a row.</summary>
    public ShareView ToView() => new(
        ProviderId, ProviderName, PoolId, PoolTitle, ClosedAt, CommitmentCount, InvoicedCents, AidCents, OwedCents, CollectedCents, RefundedCents, ToRefundCents, DueCents,
        new Ageing(Days0To30Cents, Days31To60Cents, Days61To90Cents, DaysOver90Cents));
}
