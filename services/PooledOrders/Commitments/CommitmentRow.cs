using System.Text.Json;
using Dapper;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Requests;
using Marketplace.PooledOrders.Pools;
using Npgsql;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>The states of a commitment (API.md, Commitments).</summary>
public static class CommitmentStatus
{
    public const string Pending = "pending";
    public const string Committed = "committed";
    public const string Confirmed = "confirmed";
    public const string PaymentDue = "payment-due";
    public const string Paid = "paid";
    public const string Delivered = "delivered";
    public const string Accepted = "accepted";
    public const string Withdrawn = "withdrawn";
    public const string Released = "released";
    public const string PaymentFailed = "payment-failed";
    public const string Defaulted = "defaulted";
    public const string Cancelled = "cancelled";

    /// <summary>Before the closing: may be amended and withdrawn.</summary>
    public static readonly string[] BeforeClosing = [Pending, Committed];

    /// <summary>After the closing and before anything is delivered: the town may let it go.</summary>
    public static readonly string[] Releasable = [Confirmed, PaymentDue, PaymentFailed, Paid];
}

/// <summary>A commitment as stored, with what its pool's pack says about it.</summary>
public sealed record CommitmentRow(
    Guid Id,
    Guid PoolId,
    Guid OrganisationId,
    string OrganisationName,
    string Siren,
    string Departement,
    int? Headcount,
    long? TurnoverCents,
    string Status,
    int Quantity,
    int Tolerance,
    long? PriceLimitCents,
    DateTime JoinedAt,
    string? EndReason,
    int? AllocatedQuantity,
    long? UnitPriceCents,
    long? NetCents,
    long? VatCents,
    string AidJson,
    string AidStatus,
    long AidCents,
    long? PayableCents,
    int Version,
    Guid ProviderId,
    string PoolStatus,
    string PaymentStatus,
    string? PaymentReference,
    DateTime? PaymentDueUntil,
    string? PaymentFailureCode,
    string? Siret,
    int? DeliveredQuantity,
    DateOnly? DeliveredOn,
    DateTime? DeclaredAt,
    DateTime? RefusedAt,
    string? RefusalReason,
    DateTime? AcceptedAt,
    bool? Tacit,
    DateTime? PoolClosedAt,
    long? PaidCents,
    long RefundedCents,
    string? RefundStatus)
{
    /// <summary>The select list and joins that make a row; add <c>where</c>, <c>order by</c> and <c>for update of c</c>.</summary>
    public const string Select =
        """
        select c.id, c.pool_id, c.organisation_id, c.organisation_name, c.siren, c.departement, c.headcount, c.turnover_cents,
               c.status, c.quantity, c.tolerance, c.price_limit_cents, c.joined_at, c.end_reason, c.allocated_quantity,
               c.unit_price_cents, c.net_cents, c.vat_cents, c.aid::text as aid_json, c.aid_status, c.aid_cents, c.payable_cents, c.version,
               v.provider_id, p.status as pool_status,
               coalesce(y.status, 'none') as payment_status, y.payment_intent_id as payment_reference, y.due_until as payment_due_until, y.failure_code as payment_failure_code,
               c.siret, c.delivered_quantity, c.delivered_on, c.declared_at, c.refused_at, c.refusal_reason, c.accepted_at, c.tacit, p.closed_at as pool_closed_at,
               case when y.status in ('succeeded', 'not-needed') then y.amount_cents end as paid_cents,
               coalesce(r.refunded_cents, 0) as refunded_cents, r.status as refund_status
        from commitment c
        join pool p on p.id = c.pool_id
        join pack_version v on v.pack_id = p.pack_id and v.pack_version = p.pack_version
        left join payment y on y.commitment_id = c.id
        left join lateral (
          select sum(f.amount_cents) filter (where f.status in ('pending', 'succeeded'))::bigint as refunded_cents,
                 (array_agg(f.status order by f.asked_at desc, f.id desc))[1] as status
          from refund f where f.commitment_id = c.id and y.refund_cents > 0) r on true

        """;

    /// <summary>The aid, one part per programme.</summary>
    public AidPart[] Aid { get; } = JsonSerializer.Deserialize<AidPart[]>(AidJson, Json.Options)!;

    /// <summary>Reads a commitment; null when there is none.</summary>
    public static Task<CommitmentRow?> FindAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<CommitmentRow>(Select + "where c.id = @id", new { id });

    /// <summary>Reads a commitment and locks it until the transaction ends; null when there is none.</summary>
    public static Task<CommitmentRow?> LockAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<CommitmentRow>(Select + "where c.id = @id for update of c", new { id });

    /// <summary>Locks an organisation's own commitment and its pool; null when there is none, or it is another organisation's.</summary>
    public static Task<(PoolRow Pool, CommitmentRow Commitment)?> LockOwnAsync(NpgsqlConnection db, Guid id, Guid? organisationId) =>
        LockWithPoolAsync(db, id, c => c.OrganisationId == organisationId);

    /// <summary>
    /// Locks a commitment and its pool: the pool first, the order in which every writer of both locks them. Null when
    /// there is none, or <paramref name="isKnown"/> says that the caller may not know of it.
    /// </summary>
    public static async Task<(PoolRow Pool, CommitmentRow Commitment)?> LockWithPoolAsync(NpgsqlConnection db, Guid id, Func<CommitmentRow, bool>? isKnown = null)
    {
        var found = await FindAsync(db, id);
        if (found is null || isKnown?.Invoke(found) == false)
        {
            return null;
        }

        var pool = (await PoolRow.LockAsync(db, found.PoolId))!;
        return (pool, (await LockAsync(db, id))!);
    }
}
