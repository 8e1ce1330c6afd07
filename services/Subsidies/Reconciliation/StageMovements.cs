using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Marketplace.Subsidies.BankStatements;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// Takes the movements of a file into a table of this transaction while they are read, and sorts out which of them are
/// new. Nothing else sees them before the whole file was read.
/// </summary>
public static class StageMovements
{
    private const int TimeoutSeconds = 600;

    /// <summary>Reads the file to its end.</summary>
    /// <exception cref="StatementFaultException">It is broken; the transaction has to be rolled back.</exception>
    public static async Task<StatementSummary> RunAsync(NpgsqlConnection db, Stream content, string? mediaType, DateTimeOffset now, CancellationToken ct)
    {
        await db.ExecuteAsync(
            """
            create temp table staged_movement (
              id uuid, position integer, line integer, digest uuid, booking_date date, amount_cents bigint, end_to_end_id text, iban text, reference text, bank_reference text,
              is_return boolean, return_reason text, payment_information_id text
            ) on commit drop;
            create temp table fresh_movement (like staged_movement, occurrence integer, rank integer) on commit drop
            """);
        var reading = await StatementReader.OpenAsync(content, mediaType, ct);
        await using (var copy = await db.BeginBinaryImportAsync("copy staged_movement from stdin (format binary)", ct))
        {
            copy.Timeout = TimeSpan.FromSeconds(TimeoutSeconds);
            var position = 0;
            await foreach (var movement in reading.ReadAsync(ct))
            {
                await WriteAsync(copy, movement, Guid.CreateVersion7(now), ++position, ct);
            }

            await copy.CompleteAsync(ct);
        }

        return reading.Summary;
    }

    /// <summary>
    /// Keeps the movements that no file brought before, ranked by booking date and then as the file has them; but what
    /// names no transfer comes last, so that it takes none that another line names. The caller holds the money lock.
    /// </summary>
    /// <returns>How many they are.</returns>
    public static async Task<int> KeepNewAsync(NpgsqlConnection db, string account)
    {
        await db.ExecuteAsync("analyze staged_movement", commandTimeout: TimeoutSeconds);
        const string NamesNothing =
            "s.payment_information_id is null and not exists (select from payment_transfer t where t.end_to_end_id = s.end_to_end_id)";
        var fresh = await db.ExecuteAsync(
            $"""
            insert into fresh_movement
            select s.*, row_number() over (order by {NamesNothing}, s.booking_date, s.position)::integer
            from (select *, row_number() over (partition by digest order by position)::integer as occurrence from staged_movement) s
            where not exists (select from bank_movement m where m.account = @account and m.digest = s.digest and m.occurrence = s.occurrence)
            """, new { account }, commandTimeout: TimeoutSeconds);
        await db.ExecuteAsync("create unique index on fresh_movement (rank); create index on fresh_movement (id); analyze fresh_movement", commandTimeout: TimeoutSeconds);
        return fresh;
    }

    /// <summary>
    /// What tells a movement from others, in whatever file it comes: the bank's own reference with its day, amount and
    /// end-to-end id; without one, all that the file says of it. 128 bits of a SHA-256. Movements with the same digest in
    /// one file are told apart by their order.
    /// </summary>
    public static Guid DigestOf(Movement m)
    {
        var identity = string.Create(CultureInfo.InvariantCulture, $"{m.BankReference}\n{m.BookingDate:yyyy-MM-dd}\n{m.AmountCents}\n{m.EndToEndId}\n{m.PaymentInformationId}");
        var text = m.BankReference is null ? $"{identity}\n{m.Iban}\n{m.Reference}\n{m.ReturnReason}" : identity;
        return new Guid(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
    }

    private static async Task WriteAsync(NpgsqlBinaryImporter copy, Movement movement, Guid id, int position, CancellationToken ct)
    {
        await copy.StartRowAsync(ct);
        await copy.WriteAsync(id, NpgsqlDbType.Uuid, ct);
        await copy.WriteAsync(position, NpgsqlDbType.Integer, ct);
        await copy.WriteAsync(movement.Line, NpgsqlDbType.Integer, ct);
        await copy.WriteAsync(DigestOf(movement), NpgsqlDbType.Uuid, ct);
        await copy.WriteAsync(movement.BookingDate, NpgsqlDbType.Date, ct);
        await copy.WriteAsync(movement.AmountCents, NpgsqlDbType.Bigint, ct);
        await copy.WriteAsync(movement.EndToEndId, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(movement.Iban, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(movement.Reference, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(movement.BankReference, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(movement.IsReturn, NpgsqlDbType.Boolean, ct);
        await copy.WriteAsync(movement.ReturnReason, NpgsqlDbType.Text, ct);
        await copy.WriteAsync(movement.PaymentInformationId, NpgsqlDbType.Text, ct);
    }
}
