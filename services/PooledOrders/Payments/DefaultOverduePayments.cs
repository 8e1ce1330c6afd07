using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Delivery;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// A failed payment that was not made good within seven days: the payment is given up first, so that it can no longer
/// succeed, then the commitment is <c>defaulted</c>; its aid is released and nobody else's price moves (DOMAIN §3).
/// </summary>
public sealed class DefaultOverduePayments(IServiceScopeFactory scopes, Session session, TimeProvider clock, OutboxSignal outbox) : IDueWork
{
    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var overdue = await db.QueryAsync<Guid>(
            "select commitment_id from payment where status in ('failed', 'action-required') and due_until <= @now order by due_until limit 100",
            new { now = clock.GetUtcNow().UtcDateTime });
        foreach (var commitment in overdue)
        {
            await using var scope = scopes.CreateAsyncScope();
            await DefaultAsync(scope.ServiceProvider, commitment, ct);
            outbox.Wake();
        }
    }

    private static async Task DefaultAsync(IServiceProvider services, Guid commitmentId, CancellationToken ct)
    {
        var session = services.GetRequiredService<Session>();
        var db = await session.OpenAsync(ct);
        var payment = (await PaymentRow.FindAsync(db, commitmentId))!;
        if (!await services.GetRequiredService<Charging>().GiveUpAsync(payment, ct))
        {
            return;
        }

        await session.BeginAsync(ct);
        await PoolRow.LockAsync(db, payment.PoolId);
        var locked = (await PaymentRow.LockAsync(db, commitmentId))!;
        if (!PaymentStatus.Recoverable.Contains(locked.Status))
        {
            return;
        }

        await db.ExecuteAsync("update payment set status = 'cancelled' where commitment_id = @commitmentId", new { commitmentId });
        var version = await db.ExecuteScalarAsync<int>(
            "update commitment set status = 'defaulted', end_reason = 'not-paid', version = version + 1 where id = @commitmentId returning version", new { commitmentId });
        await services.GetRequiredService<FactLog>().AppendAsync(
            commitmentId, version, new CommitmentEnded(commitmentId, locked.PoolId, CommitmentStatus.Defaulted, "not-paid", version), ct);
        await services.GetRequiredService<Fulfilment>().SettleAsync(locked.PoolId, ct);
        await session.CommitAsync(ct);
    }
}
