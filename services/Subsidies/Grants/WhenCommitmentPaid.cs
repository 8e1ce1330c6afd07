using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Ledger;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// The business paid its share: the order is firm and its aid is committed (engagement). What went further already, or
/// was released, stays as it is.
/// </summary>
public sealed class WhenCommitmentPaid(Session session, MoveAid move) : AsyncRequestHandler<ReceivedMany<CommitmentPaid>>
{
    /// <inheritdoc />
    protected override async Task Handle(ReceivedMany<CommitmentPaid> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);
        await CommitAsync(request.Facts.Select(f => f.CommitmentId).ToArray(), cancellationToken);
    }

    /// <summary>Commits what these commitments were granted; the caller holds <see cref="MoneyLock"/>.</summary>
    public async Task CommitAsync(Guid[] commitmentIds, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var granted = await db.QueryAsync<GrantMove>(
            "select id as grant_id, programme_id, granted_cents as amount_cents, null::bigint as reverses from aid_grant where commitment_id = any(@commitmentIds) and status = 'granted' and granted_cents > 0 order by id",
            new { commitmentIds });
        await move.RunAsync(granted, new Step(Accounts.Granted, Accounts.Committed, GrantStatus.Committed, "committed"), ct);
        await db.ExecuteAsync("update aid_grant set status = 'committed' where commitment_id = any(@commitmentIds) and status = 'granted'", new { commitmentIds });
    }
}
