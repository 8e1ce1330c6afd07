using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// Withdrawn, let go by the town, or defaulted: the aid, reserved or granted, returns to its envelopes, and those it was
/// too late for get their turn. An end is final, whatever placement comes after it.
/// </summary>
public sealed class WhenCommitmentEnded(Session session, ReleaseAid release, RecomputeReservations recompute, SettleClosings closings)
    : AsyncRequestHandler<Received<CommitmentEnded>>
{
    /// <inheritdoc />
    protected override async Task Handle(Received<CommitmentEnded> request, CancellationToken cancellationToken)
    {
        var ended = request.Fact;
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);

        // What was delivered and accepted has no end any more.
        var held = await LoadAid.CommitmentsAsync(db, "id = @CommitmentId and service_done_at is null", ended);
        if (held.Count == 0)
        {
            await db.ExecuteAsync("insert into ended_commitment (id, pool_id) values (@CommitmentId, @PoolId) on conflict do nothing", ended);
            await closings.RunAsync(cancellationToken);
            return;
        }

        if (held[0].Status != Commitment.Released)
        {
            await release.RunAsync(held, cancellationToken);
            await recompute.RunAsync(cancellationToken);
        }
    }
}
