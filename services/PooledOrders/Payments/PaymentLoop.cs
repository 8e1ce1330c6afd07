using Dapper;
using Marketplace.Platform.Storage;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// Does what the payment and refund tables ask for: saves methods, charges, gives back, and works off stored webhook events; about ten calls a
/// second of the payment provider's limit at the most at a time. All state is in the database, so any instance goes on
/// where another died.
/// </summary>
public sealed partial class PaymentLoop(IServiceScopeFactory scopes, NpgsqlDataSource source, TimeProvider clock, ILogger<PaymentLoop> log) : BackgroundService
{
    private const int AtATime = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                while (await WorkAsync(stoppingToken))
                {
                }
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                Failed(log, e);
            }
        }
    }

    private async Task<bool> WorkAsync(CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var isDue = await db.ExecuteScalarAsync<bool>(
            """
            select exists (select from payment where status in ('to-set-up', 'due') and (next_try_at is null or next_try_at <= @now))
                or exists (select from refund where status in ('due', 'pending') and (next_try_at is null or next_try_at <= @now))
                or exists (select from stripe_event where processed_at is null and (next_try_at is null or next_try_at <= @now))
            """, new { now });
        if (!isDue)
        {
            return false;
        }

        var charges = await PaymentRow.ClaimAsync(db, PaymentStatus.Due, AtATime * 4, now);
        await EachAsync(charges, p => p.CommitmentId, (Charging charging, PaymentRow payment) => charging.ChargeAsync(payment, ct), ct);
        var setUps = await PaymentRow.ClaimAsync(db, PaymentStatus.ToSetUp, AtATime * 4, now);
        await EachAsync(setUps, p => p.CommitmentId, (Charging charging, PaymentRow payment) => charging.SetUpAsync(payment, ct), ct);
        var refunds = await RefundRow.ClaimAsync(db, AtATime * 4, now);
        await EachAsync(refunds, r => r.CommitmentId, (Refunding refunding, RefundRow refund) => refunding.GiveBackAsync(refund, ct), ct);
        var events = await StripeEvents.WorkOffAsync(scopes, db, now, ct);
        return charges.Count + setUps.Count + refunds.Count + events > 0;
    }

    private async Task EachAsync<TWorker, TRow>(IReadOnlyList<TRow> rows, Func<TRow, Guid> commitment, Func<TWorker, TRow, Task> work, CancellationToken ct)
        where TWorker : notnull =>
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = AtATime, CancellationToken = ct }, async (row, _) =>
        {
            try
            {
                await using var scope = scopes.CreateAsyncScope();
                await work(scope.ServiceProvider.GetRequiredService<TWorker>(), row);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                OneFailed(log, e, commitment(row));
            }
        });

    [LoggerMessage(LogLevel.Error, "Payments are not worked on for now")]
    private static partial void Failed(ILogger log, Exception e);

    [LoggerMessage(LogLevel.Error, "The payment or refund of commitment {Commitment} failed unexpectedly; it is tried again")]
    private static partial void OneFailed(ILogger log, Exception e, Guid commitment);
}
