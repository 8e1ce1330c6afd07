using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>A pool failed or was cancelled: everything reserved for it returns, and placements that are still to come get nothing.</summary>
public sealed class WhenPoolEnded(Session session, SettleClosings closings) : AsyncRequestHandler<Received<PoolEnded>>
{
    /// <inheritdoc />
    protected override async Task Handle(Received<PoolEnded> request, CancellationToken cancellationToken)
    {
        var ended = request.Fact;
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);

        // A pool ends or is confirmed, never both (DOMAIN §2): a row that is there already stands.
        await db.ExecuteAsync("insert into pool (id, status, closing_number) values (@PoolId, 'failed', @ClosingNumber) on conflict do nothing", ended);
        await closings.RunAsync(cancellationToken);
    }
}
