using System.Reflection;
using Dapper;
using Npgsql;

namespace Marketplace.Platform.Storage;

/// <summary>Applies the numbered SQL files that an assembly embeds (<c>Storage/001_….sql</c>), each once, in order.</summary>
public static class Migrations
{
    /// <summary>
    /// Brings the database up to date. Several instances may start at the same time: an advisory lock lets one work and
    /// the others find it done.
    /// </summary>
    /// <param name="source">The service's database.</param>
    /// <param name="assemblies">The Platform's own and the service's, in this order.</param>
    /// <param name="ct">Cancellation.</param>
    public static async Task ApplyAsync(NpgsqlDataSource source, IEnumerable<Assembly> assemblies, CancellationToken ct = default)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        await db.ExecuteAsync(
            """
            select pg_advisory_xact_lock(4242);
            create table if not exists migration (name text primary key, applied_at timestamptz not null default now());
            """);
        var applied = (await db.QueryAsync<string>("select name from migration")).ToHashSet();
        foreach (var assembly in assemblies)
        {
            foreach (var resource in assembly.GetManifestResourceNames().Where(n => n.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
            {
                if (applied.Contains(resource))
                {
                    continue;
                }

                using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
                await db.ExecuteAsync(await reader.ReadToEndAsync(ct));
                await db.ExecuteAsync("insert into migration (name) values (@resource)", new { resource });
            }
        }

        await transaction.CommitAsync(ct);
    }
}
