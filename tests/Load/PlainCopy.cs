using System.Diagnostics;
using Dapper;
using Marketplace.Subsidies.Ledger;
using Npgsql;

namespace Marketplace.Load;

/// <summary>A binary COPY of ready-made rows, shaped like ledger entries, into one table with a primary key: the fastest way in.</summary>
internal static class PlainCopy
{
    /// <returns>Seconds.</returns>
    public static async Task<double> RunAsync(string connectionString, int rows)
    {
        await using var db = new NpgsqlConnection(connectionString);
        await db.OpenAsync();
        await db.ExecuteAsync(
            """
            create table plain_copy (
              sequence bigint primary key, at timestamptz not null, programme_id uuid not null, debit_account text not null, credit_account text not null, amount_cents bigint not null,
              reason text not null, reference uuid not null, previous_hash bytea not null, hash bytea not null)
            """);
        var (programme, reference, hash, at) = (Guid.CreateVersion7(), Guid.CreateVersion7(), new byte[32], DateTime.UtcNow);
        var watch = Stopwatch.StartNew();
        await using (var copy = await db.BeginBinaryImportAsync("copy plain_copy from stdin (format binary)"))
        {
            for (var i = 1L; i <= rows; i++)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(i);
                await copy.WriteAsync(at);
                await copy.WriteAsync(programme);
                await copy.WriteAsync(Accounts.Ordered);
                await copy.WriteAsync(Accounts.ServiceDone);
                await copy.WriteAsync(i);
                await copy.WriteAsync("ordered");
                await copy.WriteAsync(reference);
                await copy.WriteAsync(hash);
                await copy.WriteAsync(hash);
            }

            await copy.CompleteAsync();
        }

        var seconds = watch.Elapsed.TotalSeconds;
        await db.ExecuteAsync("drop table plain_copy");
        return seconds;
    }
}
