using Dapper;
using Npgsql;

namespace Marketplace.PooledOrders.Payments;

/// <summary>The states of a refund; it only moves on, from left to right.</summary>
public static class RefundStatus
{
    public const string Due = "due";
    public const string Pending = "pending";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";

    /// <summary>In the order in which one attempt goes through them: a bank may send back even what succeeded.</summary>
    public static readonly string[] InOrder = [Due, Pending, Succeeded, Failed];
}

/// <summary>Why a business gets money back; each reason once per commitment.</summary>
public static class RefundReason
{
    /// <summary>It paid for more than was delivered (DOMAIN §2.2, §6).</summary>
    public const string ShortDelivery = "short-delivery";

    /// <summary>The town let it go after it had paid (DOMAIN §2).</summary>
    public const string Released = "released";

    /// <summary>Its money came after the commitment had ended.</summary>
    public const string LatePayment = "late-payment";
}

/// <summary>A refund with the payment that it gives back of.</summary>
public sealed record RefundRow(
    Guid Id,
    Guid CommitmentId,
    string Reason,
    long AmountCents,
    string Status,
    int Attempt,
    string IdempotencyKey,
    string? RefundReference,
    int Tries,
    string PaymentIntentId)
{
    private const string Select =
        """
        select r.id, r.commitment_id, r.reason, r.amount_cents, r.status, r.attempt, r.idempotency_key, r.refund_reference, r.tries, y.payment_intent_id
        from refund r join payment y on y.commitment_id = r.commitment_id

        """;

    /// <summary>The key of an attempt: derived, so that whoever goes on after a crash asks with the same one.</summary>
    public static string KeyOf(string reason, Guid commitmentId, int attempt) => attempt == 1 ? $"re:{reason}:{commitmentId}" : $"re:{reason}:{commitmentId}:{attempt}";

    /// <summary>Reads a refund; null when there is none.</summary>
    public static Task<RefundRow?> FindAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<RefundRow>(Select + "where r.id = @id", new { id });

    /// <summary>Locks the refund's commitment, then the refund, until the transaction ends.</summary>
    public static async Task<RefundRow> LockAsync(NpgsqlConnection db, RefundRow refund)
    {
        await db.ExecuteAsync("select from commitment where id = @CommitmentId for update", new { refund.CommitmentId });
        return await db.QuerySingleAsync<RefundRow>(Select + "where r.id = @Id for update of r", new { refund.Id });
    }

    /// <summary>
    /// Takes refunds that are due for a try, and pending ones that are due for a look, for a minute: should this process
    /// die, they are taken again.
    /// </summary>
    public static async Task<IReadOnlyList<RefundRow>> ClaimAsync(NpgsqlConnection db, int most, DateTime now)
    {
        var ids = (await db.QueryAsync<Guid>(
            """
            update refund set next_try_at = @until, tries = tries + 1
            where id in (
              select id from refund where status in ('due', 'pending') and (next_try_at is null or next_try_at <= @now)
              order by id limit @most for update skip locked)
            returning id
            """, new { most, now, until = now.AddMinutes(1) })).ToArray();
        return ids.Length == 0 ? [] : (await db.QueryAsync<RefundRow>(Select + "where r.id = any(@ids)", new { ids })).AsList();
    }
}
