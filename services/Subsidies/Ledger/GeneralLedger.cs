using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Grants;
using Npgsql;
using NpgsqlTypes;

namespace Marketplace.Subsidies.Ledger;

/// <summary>An entry about to be written; see <see cref="LedgerEntry"/>.</summary>
public sealed record Posting(
    Guid ProgrammeId, string Debit, string Credit, long AmountCents, string Reason, Guid Reference, Guid? Document = null, string? Note = null, long? Reverses = null);

/// <summary>
/// Writes entries in the transaction of what they record: appended to the chain and added to the balances. Amounts of
/// zero are left out: nothing moved.
/// </summary>
public sealed class GeneralLedger(Session session, Caller caller, TimeProvider clock)
{
    /// <summary>Appends in the given order. Takes <see cref="MoneyLock"/>, if the caller does not hold it already.</summary>
    public async Task AppendAsync(IEnumerable<Posting> postings, CancellationToken ct)
    {
        var moving = postings.Where(p => p.AmountCents != 0).ToList();
        if (moving.Count == 0)
        {
            return;
        }

        var db = await session.OpenAsync(ct);
        await MoneyLock.TakeAsync(db);
        var head = await db.QuerySingleAsync<Head>("select sequence, hash from ledger_head for update");
        var at = clock.GetUtcNow().UtcDateTime;
        at = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
        head = await CopyAsync(db, moving, head, at, ct);
        await db.ExecuteAsync("update ledger_head set sequence = @Sequence, hash = @Hash", head);
        await MoveBalancesAsync(db, moving);
    }

    private async Task<Head> CopyAsync(NpgsqlConnection db, List<Posting> postings, Head head, DateTime at, CancellationToken ct)
    {
        await using var copy = await db.BeginBinaryImportAsync($"copy ledger_entry ({LedgerEntry.Columns}, previous_hash, hash) from stdin (format binary)", ct);
        foreach (var p in postings)
        {
            var entry = new LedgerEntry(head.Sequence + 1, at, p.ProgrammeId, p.Debit, p.Credit, p.AmountCents, p.Reason, p.Reference, p.Document, p.Reverses, caller.UserId, p.Note);
            var hash = entry.HashAfter(head.Hash);
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(entry.Sequence, NpgsqlDbType.Bigint, ct);
            await copy.WriteAsync(entry.At, NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(entry.ProgrammeId, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(entry.DebitAccount, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(entry.CreditAccount, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(entry.AmountCents, NpgsqlDbType.Bigint, ct);
            await copy.WriteAsync(entry.Reason, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(entry.Reference, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(entry.Document, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(entry.Reverses, NpgsqlDbType.Bigint, ct);
            await copy.WriteAsync(entry.Actor, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(entry.Note, NpgsqlDbType.Text, ct);
            await copy.WriteAsync(head.Hash, NpgsqlDbType.Bytea, ct);
            await copy.WriteAsync(hash, NpgsqlDbType.Bytea, ct);
            head = new Head(entry.Sequence, hash);
        }

        await copy.CompleteAsync(ct);
        return head;
    }

    private static async Task MoveBalancesAsync(NpgsqlConnection db, List<Posting> postings)
    {
        var moves = postings
            .SelectMany(p => new[] { (p.ProgrammeId, Account: p.Debit, Cents: p.AmountCents), (p.ProgrammeId, Account: p.Credit, Cents: -p.AmountCents) })
            .GroupBy(m => (m.ProgrammeId, m.Account), m => m.Cents)
            .Select(g => (g.Key.ProgrammeId, g.Key.Account, Cents: g.Sum()))
            .OrderBy(m => m.ProgrammeId).ThenBy(m => m.Account, StringComparer.Ordinal)
            .ToList();

        // First the row, then the amount: the check would look at a first amount by itself.
        await db.ExecuteAsync(
            """
            insert into ledger_balance (programme_id, account, balance_cents) select id, account, 0 from unnest(@ids, @accounts) as m (id, account) on conflict do nothing;
            update ledger_balance b set balance_cents = b.balance_cents + m.cents from unnest(@ids, @accounts, @cents) as m (id, account, cents)
            where b.programme_id = m.id and b.account = m.account
            """,
            new { ids = moves.Select(m => m.ProgrammeId).ToArray(), accounts = moves.Select(m => m.Account).ToArray(), cents = moves.Select(m => m.Cents).ToArray() });
    }

    private sealed record Head(long Sequence, byte[] Hash);
}
