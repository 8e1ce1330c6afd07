using Dapper;
using Marketplace.Platform.Storage;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// Grants the aid of a closed pool: all its reservations return to their envelopes, then aid is granted on the
/// allocated net amounts in join order, then the other reservations get their turn (DOMAIN §5). One transaction.
/// </summary>
public sealed class GrantPool(Session session, SaveAid save, RecomputeReservations recompute)
{
    /// <summary>Does it; all allocations and their placements are known, and the caller holds <see cref="MoneyLock"/>.</summary>
    /// <param name="poolId">The closed pool.</param>
    /// <param name="confirmedAt">When it closed (UTC): the day the aid counts from.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task RunAsync(Guid poolId, DateTime confirmedAt, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var commitments = await LoadAid.CommitmentsAsync(db, "pool_id = @poolId and status = 'reserved'", new { poolId });
        var allocated = (await db.QueryAsync<(Guid Id, long NetCents)>("select commitment_id, net_cents from allocation where pool_id = @poolId", new { poolId }))
            .ToDictionary(a => a.Id, a => a.NetCents);
        var book = await LoadAid.BookAsync(db, commitments);
        var outcomes = Decide(book, commitments, allocated, confirmedAt);
        await save.SaveAsync(outcomes, book.Movements, ct);
        await db.ExecuteAsync("update pool set status = 'granted' where id = @poolId", new { poolId });
        await recompute.RunAsync(ct);
    }

    /// <summary>What every live commitment of the pool comes to. Pure but for the book, which moves along.</summary>
    /// <param name="book">With all holds of the commitments.</param>
    /// <param name="commitments">The pool's live reservations, in join order.</param>
    /// <param name="allocated">Allocated net amounts in cents, by commitment; the others get nothing.</param>
    /// <param name="at">When the pool closed (UTC): the day the aid counts from.</param>
    public static List<Outcome> Decide(Book book, IReadOnlyList<Commitment> commitments, IReadOnlyDictionary<Guid, long> allocated, DateTime at)
    {
        foreach (var commitment in commitments)
        {
            book.Return(commitment);
        }

        var outcomes = new List<Outcome>(commitments.Count);
        foreach (var commitment in commitments)
        {
            if (!allocated.TryGetValue(commitment.Id, out var netCents))
            {
                outcomes.Add(ReleaseAid.Released(commitment));
                continue;
            }

            var granted = commitment with { Status = Commitment.Granted, AidVersion = commitment.AidVersion + 1 };
            var calculation = book.Compute(granted, netCents, at);
            book.Take(granted, calculation.Decision, at);
            outcomes.Add(new Outcome(granted, calculation, at));
        }

        return outcomes;
    }
}
