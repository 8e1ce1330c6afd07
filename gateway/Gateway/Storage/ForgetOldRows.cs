using Dapper;
using Npgsql;

namespace Marketplace.Gateway.Storage;

/// <summary>
/// Forgets sessions that ended three months ago, sent links after one, notifications after twelve, and returns from the
/// identity provider after a day; the audit trail keeps its facts.
/// </summary>
public sealed partial class ForgetOldRows(NpgsqlDataSource source, TimeProvider clock, ILogger<ForgetOldRows> log) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1));
        do
        {
            try
            {
                await using var db = await source.OpenConnectionAsync(stoppingToken);
                var (now, today) = (clock.GetUtcNow().UtcDateTime, TimeProvider.System.GetUtcNow().UtcDateTime);
                await db.ExecuteAsync(
                    """
                    delete from session where expires_at < @sessions;
                    delete from password_reset where sent_at < @links;
                    delete from notification where created_at < @notifications;
                    delete from external_sign_in where at < @returns;
                    """,
                    new { sessions = today.AddDays(-90), links = now.AddDays(-30), notifications = now.AddMonths(-12), returns = today.AddDays(-1) });
            }
            catch (NpgsqlException e)
            {
                Failed(log, e);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(LogLevel.Warning, "Old rows were not forgotten; it is tried again in an hour")]
    private static partial void Failed(ILogger log, Exception e);
}
