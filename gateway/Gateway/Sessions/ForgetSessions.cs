using Dapper;
using Npgsql;

namespace Marketplace.Gateway.Sessions;

/// <summary>Forgets sessions that ended three months ago, sent links after one, and returns from the provider after a day; the audit trail keeps its facts.</summary>
public sealed partial class ForgetSessions(NpgsqlDataSource source, TimeProvider clock, ILogger<ForgetSessions> log) : BackgroundService
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
                    "delete from session where expires_at < @sessions; delete from password_reset where sent_at < @links; delete from external_sign_in where at < @returns;",
                    new { sessions = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-90), links = clock.GetUtcNow().UtcDateTime.AddDays(-30), returns = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-1) });
            }
            catch (NpgsqlException e)
            {
                Failed(log, e);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old sessions were not forgotten; it is tried again in an hour")]
    private static partial void Failed(ILogger log, Exception e);
}
