using System.Globalization;
using System.Numerics;
using Dapper;
using Marketplace.Subsidies.Ledger;
using Npgsql;

namespace Marketplace.Load;

/// <summary>
/// Grants whose service is done, written as the service would have written them: the chain of the ledger, its balances,
/// the envelope and the grants all say the same, so that the ledger verifies before anything is measured.
/// </summary>
internal static class DueGrants
{
    private static readonly (string Debit, string Credit)[] Stages =
        [(Accounts.Granted, Accounts.Available), (Accounts.Committed, Accounts.Granted), (Accounts.ServiceDone, Accounts.Committed)];

    private sealed record Grant(Guid Id, Guid CommitmentId, Guid PoolId, string Siren, long Cents, string ActNumber);

    private sealed record Provider(Guid Id, Guid PoolId, string Name, string Iban);

    /// <summary>Writes them, dealt out to the providers in turn: one pool each.</summary>
    public static async Task WriteAsync(string connectionString, Guid programmeId, int grants, int providers)
    {
        var at = DateTime.UtcNow.AddDays(-1);
        at = at.AddTicks(-(at.Ticks % TimeSpan.TicksPerMicrosecond));
        var from = Enumerable.Range(0, providers).Select(i => new Provider(Guid.CreateVersion7(), Guid.CreateVersion7(), $"Fournisseur {i:000000}", Iban(i))).ToList();
        var due = Enumerable.Range(0, grants)
            .Select(i => new Grant(Guid.CreateVersion7(), Guid.CreateVersion7(), from[i % providers].PoolId, $"{i:000000000}", 100_00 + i % 997, $"AA-{at.Year}-{i + 1:000000}"))
            .ToList();
        await using var db = new NpgsqlConnection(connectionString);
        await db.OpenAsync();
        await using var transaction = await db.BeginTransactionAsync();
        await CopyAsync(db, "payee (provider_id, name, siret, iban, version)", from, p => [p.Id, p.Name, null, p.Iban, 1]);
        await CopyAsync(
            db, "pool (id, status, allocation_count, confirmed_at, closing_number, provider_id, provider_name)", from.Index(),
            p => [p.Item.PoolId, "granted", grants / providers, at, p.Index + 1L, p.Item.Id, p.Item.Name]);
        await CopyAsync(
            db, "commitment (id, pool_id, siren, departement, headcount, category, programme_ids, net_cents, joined_at, placed_version, status, aid_version, cut, organisation_name, service_done_at)", due,
            g => [g.CommitmentId, g.PoolId, g.Siren, "62", 5, "antivirus", new[] { programmeId }, 2 * g.Cents, at, 1, "granted", 3, false, $"Boulangerie {g.Siren}", at]);
        await CopyAsync(
            db, "aid_grant (id, commitment_id, programme_id, pool_id, siren, status, reserved_cents, granted_cents, committed_cents, service_done_cents, limited_by, counts_from, act_number)", due,
            g => [g.Id, g.CommitmentId, programmeId, g.PoolId, g.Siren, "service-done", 0L, g.Cents, g.Cents, g.Cents, Array.Empty<string>(), at, g.ActNumber]);
        await LedgerAsync(db, programmeId, due, at);
        await transaction.CommitAsync();
        await db.ExecuteAsync("vacuum analyze");
    }

    private static async Task LedgerAsync(NpgsqlConnection db, Guid programmeId, List<Grant> due, DateTime at)
    {
        var (sequence, hash) = await db.QuerySingleAsync<(long, byte[])>("select sequence, hash from ledger_head");
        await CopyAsync(db, $"ledger_entry ({LedgerEntry.Columns}, previous_hash, hash)", Stages.SelectMany(_ => due, (stage, grant) => (stage, grant)), row =>
        {
            var entry = new LedgerEntry(++sequence, at, programmeId, row.stage.Debit, row.stage.Credit, row.grant.Cents, row.stage.Debit, row.grant.Id, null, null, null, null);
            var previous = hash;
            hash = entry.HashAfter(previous);
            return [entry.Sequence, entry.At, entry.ProgrammeId, entry.DebitAccount, entry.CreditAccount, entry.AmountCents, entry.Reason, entry.Reference, null, null, null, null, previous, hash];
        });
        await db.ExecuteAsync(
            """
            update ledger_head set sequence = @sequence, hash = @hash;
            update programme set granted_cents = granted_cents + @cents where id = @programmeId;
            update ledger_balance set balance_cents = balance_cents - @cents where programme_id = @programmeId and account = 'available';
            insert into ledger_balance (programme_id, account, balance_cents) values (@programmeId, 'granted', 0), (@programmeId, 'committed', 0), (@programmeId, 'service-done', @cents)
            """, new { sequence, hash, programmeId, cents = due.Sum(g => g.Cents) });
    }

    private static async Task CopyAsync<T>(NpgsqlConnection db, string table, IEnumerable<T> rows, Func<T, object?[]> values)
    {
        await using var copy = await db.BeginBinaryImportAsync($"copy {table} from stdin (format binary)");
        foreach (var row in rows)
        {
            await copy.WriteRowAsync(default, values(row)!);
        }

        await copy.CompleteAsync();
    }

    /// <summary>A French IBAN with right check digits.</summary>
    private static string Iban(int number)
    {
        var account = string.Create(CultureInfo.InvariantCulture, $"2004101005{number:0000000000000}");
        return $"FR{98 - (int)(BigInteger.Parse(account + "152700", CultureInfo.InvariantCulture) % 97):00}{account}";
    }
}
