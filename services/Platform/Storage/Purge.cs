using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Platform.Storage;

/// <summary>Forgets received event ids and idempotency keys after 30 days; no broker or client retries that late.</summary>
public sealed partial class Purge(NpgsqlDataSource source, TimeProvider clock, ILogger<Purge> log) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await using var db = await source.OpenConnectionAsync(stoppingToken);
                await db.ExecuteAsync(
                    "delete from inbox where received_at < @before; delete from idempotency where at < @before;",
                    new { before = clock.GetUtcNow().UtcDateTime.AddDays(-30) });
            }
            catch (NpgsqlException e)
            {
                Failed(log, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old keys were not purged; it is tried again in an hour")]
    private static partial void Failed(ILogger log, Exception e);
}
