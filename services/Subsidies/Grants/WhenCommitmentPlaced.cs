using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// Reserves aid for placements, first come, first served within a delivery; an amended commitment is computed again on
/// its new amount and keeps its turn. A placement of a commitment or pool that has ended meanwhile gets nothing.
/// </summary>
public sealed class WhenCommitmentPlaced(Session session, SaveAid save, RecomputeReservations recompute, SettleClosings closings, TimeProvider clock)
    : AsyncRequestHandler<ReceivedMany<CommitmentPlaced>>
{
    /// <inheritdoc />
    protected override async Task Handle(ReceivedMany<CommitmentPlaced> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);
        var latest = request.Facts.GroupBy(p => p.CommitmentId).Select(g => g.MaxBy(p => p.Version)!).ToList();
        var held = (await LoadAid.CommitmentsAsync(db, "id = any(@ids)", new { ids = latest.Select(p => p.CommitmentId).ToArray() })).ToDictionary(c => c.Id);
        var over = await OverAsync(db, latest);

        var placed = latest
            .Where(p => !held.TryGetValue(p.CommitmentId, out var c) || (c.Status == Commitment.Reserved && c.PlacedVersion < p.Version))
            .Select(p => Commitment.From(p, held.GetValueOrDefault(p.CommitmentId)))
            .Select(c => over.Contains(c.Id) ? c with { Status = Commitment.Released } : c)
            .OrderBy(c => c.JoinedAt).ThenBy(c => c.Id)
            .ToList();
        if (placed.Count == 0)
        {
            return;
        }

        var book = await LoadAid.BookAsync(db, placed);
        var now = clock.GetUtcNow().UtcDateTime;
        var outcomes = new List<Outcome>(placed.Count);
        var moneyReturned = false;
        foreach (var commitment in placed)
        {
            var before = book.Return(commitment);
            if (commitment.Status == Commitment.Released)
            {
                outcomes.Add(new Outcome(commitment, null, commitment.JoinedAt));
                continue;
            }

            var calculation = book.Compute(commitment, commitment.NetCents, now);
            book.Take(commitment, calculation.Decision, commitment.JoinedAt);
            outcomes.Add(new Outcome(commitment, calculation, commitment.JoinedAt));
            moneyReturned |= calculation.Decision.Steps.Any(s => s.AmountCents < before.GetValueOrDefault(s.ProgrammeId));
        }

        await save.SaveAsync(outcomes, book.Movements, cancellationToken);
        if (moneyReturned)
        {
            await recompute.RunAsync(cancellationToken);
        }

        await closings.RunAsync(cancellationToken);
    }

    /// <summary>
    /// The new commitments that get nothing any more: ended before they were known, of a pool that ended, or of a pool
    /// whose aid is granted already (which needed every allocated commitment, so these were not allocated).
    /// </summary>
    private static async Task<HashSet<Guid>> OverAsync(NpgsqlConnection db, List<CommitmentPlaced> placed) =>
        (await db.QueryAsync<Guid>(
            """
            select p.id from unnest(@ids, @pools) as p (id, pool_id)
            where exists (select from ended_commitment e where e.id = p.id)
               or exists (select from pool where pool.id = p.pool_id and pool.status in ('granted', 'ended'))
            """, new { ids = placed.Select(p => p.CommitmentId).ToArray(), pools = placed.Select(p => p.PoolId).ToArray() })).ToHashSet();
}
