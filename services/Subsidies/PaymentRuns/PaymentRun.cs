using System.Text.Json;
using Dapper;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>A payment run was prepared; for the history.</summary>
public sealed record PaymentRunPrepared(Guid RunId, string Number, Guid ProgrammeId, DateOnly ExecutionDate, long TotalCents, int TransferCount, int Version);

/// <summary>Another person approved it; for the history. The day is the one that the bank is asked to execute it on.</summary>
public sealed record PaymentRunApproved(Guid RunId, string Number, DateOnly ExecutionDate, int Version);

/// <summary>It was cancelled before its approval; for the history.</summary>
public sealed record PaymentRunCancelled(Guid RunId, string Number, string Reason, int Version);

/// <summary>One credit transfer of a run, in cents; see <see cref="TransferStatus"/>.</summary>
public sealed record Transfer(Guid Id, string EndToEndId, Guid ProviderId, string ProviderName, string Iban, long AmountCents, int GrantCount, string Status);

/// <summary>Aid that is due but was not put into the run, in cents; see <see cref="DueAid.Obstacle"/>.</summary>
public sealed record LeftOut(Guid ProviderId, string? ProviderName, long AmountCents, int GrantCount, string Reason);

/// <summary>A payment run with its transfers (DOMAIN §6). Instants in UTC, the execution date in Europe/Paris.</summary>
public sealed record PaymentRun(
    Guid Id, string Number, string Status, Guid ProgrammeId, DateOnly ExecutionDate, IReadOnlyList<Transfer> Transfers, long TotalCents, int TransferCount, IReadOnlyList<LeftOut> LeftOut,
    Guid PreparedBy, DateTime PreparedAt, Guid? ApprovedBy, DateTime? ApprovedAt, Guid? CancelledBy, DateTime? CancelledAt, string? CancelReason, int Version)
{
    /// <summary>Reads one with its transfers, in the order of the bank's file; null when there is none.</summary>
    public static async Task<PaymentRun?> ReadAsync(NpgsqlConnection db, Guid id) =>
        await db.QuerySingleOrDefaultAsync<RunRow?>($"select {RunRow.Columns} from payment_run where id = @id", new { id }) is { } row
            ? row.With(await TransfersAsync(db, id))
            : null;

    /// <summary>The transfers of a run, in the order of the bank's file.</summary>
    public static async Task<IReadOnlyList<Transfer>> TransfersAsync(NpgsqlConnection db, Guid runId) => (await db.QueryAsync<Transfer>(TransfersSql, new { runId })).AsList();

    /// <summary>The same, read from the database while they are used.</summary>
    public static IAsyncEnumerable<Transfer> StreamTransfers(NpgsqlConnection db, Guid runId) => db.QueryUnbufferedAsync<Transfer>(TransfersSql, new { runId });

    private const string TransfersSql =
        "select id, end_to_end_id, provider_id, provider_name, iban, amount_cents, grant_count, status from payment_transfer where run_id = @runId order by end_to_end_id";
}

/// <summary>The stored row.</summary>
public sealed record RunRow(
    Guid Id, string Number, string Status, Guid ProgrammeId, DateOnly ExecutionDate, long TotalCents, int TransferCount, string LeftOut,
    Guid PreparedBy, DateTime PreparedAt, Guid? ApprovedBy, DateTime? ApprovedAt, Guid? CancelledBy, DateTime? CancelledAt, string? CancelReason, int Version)
{
    /// <summary>The columns of the table, in the record's order.</summary>
    public const string Columns =
        """
        id, number, status, programme_id, execution_date, total_cents, transfer_count, left_out::text as left_out,
        prepared_by, prepared_at, approved_by, approved_at, cancelled_by, cancelled_at, cancel_reason, version
        """;

    /// <summary>Reads and locks one; null when there is none.</summary>
    public static Task<RunRow?> LockedAsync(NpgsqlConnection db, Guid id) =>
        db.QuerySingleOrDefaultAsync<RunRow?>($"select {Columns} from payment_run where id = @id for update", new { id });

    /// <summary>As it is answered.</summary>
    public PaymentRun With(IReadOnlyList<Transfer> transfers) => new(
        Id, Number, Status, ProgrammeId, ExecutionDate, transfers, TotalCents, TransferCount, JsonSerializer.Deserialize<LeftOut[]>(LeftOut, Json.Options)!,
        PreparedBy, PreparedAt, ApprovedBy, ApprovedAt, CancelledBy, CancelledAt, CancelReason, Version);
}
