using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// Fetches the payment provider's statement every few minutes of the clock. Not among the due work: a provider that does
/// not answer must not hold back what is due here.
/// </summary>
public sealed partial class StatementLoop(IServiceScopeFactory scopes, NpgsqlDataSource source, ILogger<StatementLoop> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(await LookAsync(stoppingToken) ? Look : PauseAfterFailure, stoppingToken);
        }
    }

    private async Task<bool> LookAsync(CancellationToken ct)
    {
        try
        {
            await using (var db = await source.OpenConnectionAsync(ct))
            {
                if (!await db.ExecuteScalarAsync<bool>("select exists (select from payment where payment_intent_id is not null)"))
                {
                    return true;
                }
            }

            await using var scope = scopes.CreateAsyncScope();
            if (await scope.ServiceProvider.GetRequiredService<StatementRefresh>().RunAsync(Interval, TimeSpan.Zero, ct))
            {
                return true;
            }

            NotFetched(log);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            Failed(log, e);
        }

        return false;
    }

    [LoggerMessage(LogLevel.Information, "The payment provider's statement was not fetched this time; it is tried again in a minute")]
    private static partial void NotFetched(ILogger log);

    [LoggerMessage(LogLevel.Error, "The payment provider's statement was not read; it is tried again in a minute")]
    private static partial void Failed(ILogger log, Exception e);
}
