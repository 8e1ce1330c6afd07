using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>Keeps the allocations of a closed pool, part by part, and grants its aid once everything is known and its turn has come.</summary>
public sealed class WhenPoolConfirmed(Session session, SettleClosings closings) : AsyncRequestHandler<Received<PoolConfirmed>>
{
    /// <inheritdoc />
    protected override async Task Handle(Received<PoolConfirmed> request, CancellationToken cancellationToken)
    {
        var confirmed = request.Fact;
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);
        await db.ExecuteAsync(
            """
            insert into pool (id, status, allocation_count, confirmed_at, closing_number, provider_id, provider_name)
            values (@PoolId, 'confirmed', @AllocationCount, @ConfirmedAt, @ClosingNumber, @ProviderId, @ProviderName) on conflict do nothing;
            insert into allocation (commitment_id, pool_id, net_cents)
            select id, @PoolId, net from unnest(@ids, @nets) as a (id, net) on conflict do nothing
            """,
            new
            {
                confirmed.PoolId,
                confirmed.AllocationCount,
                confirmed.ConfirmedAt,
                confirmed.ClosingNumber,
                confirmed.ProviderId,
                confirmed.ProviderName,
                ids = confirmed.Allocations.Select(a => a.CommitmentId).ToArray(),
                nets = confirmed.Allocations.Select(a => a.NetCents).ToArray(),
            });
        await closings.RunAsync(cancellationToken);
    }
}
