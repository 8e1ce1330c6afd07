using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>A pool failed or was cancelled: everything reserved for it returns, and placements that are still to come get nothing.</summary>
public sealed class WhenPoolEnded(Session session, ReleaseAid release, RecomputeReservations recompute) : AsyncRequestHandler<Received<PoolEnded>>
{
    /// <inheritdoc />
    protected override async Task Handle(Received<PoolEnded> request, CancellationToken cancellationToken)
    {
        var ended = request.Fact;
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);

        // A pool ends or is confirmed, never both (DOMAIN §2): a row that is there already stands.
        if (await db.ExecuteAsync("insert into pool (id, status) values (@PoolId, 'ended') on conflict do nothing", ended) == 0)
        {
            return;
        }

        var commitments = await LoadAid.CommitmentsAsync(db, "pool_id = @PoolId and status = 'reserved'", ended);
        if (commitments.Count > 0)
        {
            await release.RunAsync(commitments, cancellationToken);
            await recompute.RunAsync(cancellationToken);
        }
    }
}
