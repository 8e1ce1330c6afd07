using System.Reflection;
using Dapper;
using Npgsql;

namespace Marketplace.Platform.Facts;

/// <summary>
/// After a restore: the public facts since the instant that <c>deploy/backup/restore.sh</c> left in the table
/// <c>republish</c> enter the outbox once more, with their ids, by which consumers know those they have received.
/// </summary>
public static class Republish
{
    /// <summary>Does what was asked for, once; nothing on a database that was not restored.</summary>
    /// <param name="source">The service's database.</param>
    /// <param name="service">The service's assembly; the public facts are in those that it refers to.</param>
    /// <param name="ct">Cancellation.</param>
    public static async Task RunAsync(NpgsqlDataSource source, Assembly service, CancellationToken ct = default)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var asked = (await db.QueryAsync<DateTime>("delete from republish returning since")).ToList();
        if (asked.Count > 0)
        {
            await db.ExecuteAsync(
                "insert into outbox (fact_id) select id from fact where at >= @since and type = any(@types) on conflict do nothing",
                new { since = asked.Min(), types = PublicFacts(service) });
        }

        await transaction.CommitAsync(ct);
    }

    private static string[] PublicFacts(Assembly service) =>
        [.. service.GetReferencedAssemblies().Where(name => name.Name == "Events").Select(Assembly.Load).Append(service).SelectMany(assembly => assembly.GetTypes()).Where(FactName.IsPublic).Select(FactName.Of)];
}
