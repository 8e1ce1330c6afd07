using Dapper;
using Npgsql;

namespace Marketplace.PooledOrders.Payments;

/// <summary>The states of a payment; <see cref="Commitments.CommitmentPayment"/> shows them.</summary>
public static class PaymentStatus
{
    public const string ToSetUp = "to-set-up";
    public const string Ready = "ready";
    public const string SetupFailed = "setup-failed";
    public const string Due = "due";
    public const string Succeeded = "succeeded";
    public const string Failed = "failed";
    public const string ActionRequired = "action-required";
    public const string Cancelled = "cancelled";

    /// <summary>Aid covers everything: there was nothing to charge.</summary>
    public const string NotNeeded = "not-needed";

    /// <summary>Waiting for the business, until <c>due_until</c>.</summary>
    public static readonly string[] Recoverable = [Failed, ActionRequired];
}

/// <summary>A commitment's payment with what the payment provider has to be told about it.</summary>
public sealed record PaymentRow(
    Guid CommitmentId,
    Guid PoolId,
    string PoolTitle,
    Guid ProviderId,
    Guid OrganisationId,
    string OrganisationName,
    string CommitmentStatus,
    string Status,
    string? PaymentMethod,
    string? CustomerId,
    string? SetupIntentId,
    string? PaymentIntentId,
    int Attempt,
    long? AmountCents,
    string? FailureCode,
    DateTime? DueUntil,
    int Tries)
{
    private const string Select =
        """
        select y.commitment_id, c.pool_id, p.title as pool_title, v.provider_id, c.organisation_id, c.organisation_name, c.status as commitment_status, y.status, y.payment_method,
               k.customer_id, y.setup_intent_id, y.payment_intent_id, y.attempt, y.amount_cents, y.failure_code, y.due_until, y.tries
        from payment y join commitment c on c.id = y.commitment_id
        join pool p on p.id = c.pool_id
        join pack_version v on v.pack_id = p.pack_id and v.pack_version = p.pack_version
        left join payment_customer k on k.organisation_id = c.organisation_id

        """;

    /// <summary>Reads a payment; null when there is none.</summary>
    public static Task<PaymentRow?> FindAsync(NpgsqlConnection db, Guid commitmentId) =>
        db.QuerySingleOrDefaultAsync<PaymentRow>(Select + "where y.commitment_id = @commitmentId", new { commitmentId });

    /// <summary>Reads a payment and locks its commitment and it until the transaction ends; null when there is none.</summary>
    public static Task<PaymentRow?> LockAsync(NpgsqlConnection db, Guid commitmentId) =>
        db.QuerySingleOrDefaultAsync<PaymentRow>(Select + "where y.commitment_id = @commitmentId for update of c, y", new { commitmentId });

    /// <summary>
    /// Takes payments in <paramref name="status"/> that are due for a try, for a minute: should this process die, they
    /// are taken again, and the idempotency keys make the second try harmless.
    /// </summary>
    public static async Task<IReadOnlyList<PaymentRow>> ClaimAsync(NpgsqlConnection db, string status, int most, DateTime now)
    {
        var ids = (await db.QueryAsync<Guid>(
            """
            update payment set next_try_at = @until, tries = tries + 1, attempt = case when status = 'due' and attempt = 0 then 1 else attempt end
            where commitment_id in (
              select commitment_id from payment where status = @status and (next_try_at is null or next_try_at <= @now)
              order by commitment_id limit @most for update skip locked)
            returning commitment_id
            """, new { status, most, now, until = now.AddMinutes(1) })).ToArray();
        return ids.Length == 0 ? [] : (await db.QueryAsync<PaymentRow>(Select + "where y.commitment_id = any(@ids)", new { ids })).AsList();
    }
}
