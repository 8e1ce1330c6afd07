using Marketplace.Platform.Storage;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// After money returned: the reservations that an exhausted envelope cut are computed again, in join order over all
/// pools and programmes, pass after pass, until a whole pass moves nothing (DOMAIN §5).
/// </summary>
public sealed partial class RecomputeReservations(Session session, SaveAid save, TimeProvider clock, ILogger<RecomputeReservations> log)
{
    private const int MostPasses = 1_000;

    /// <summary>Runs in the transaction that returned the money, after that was written; the caller holds <see cref="MoneyLock"/>.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var cut = await LoadAid.CommitmentsAsync(db, "cut");
        if (cut.Count == 0)
        {
            return;
        }

        var book = await LoadAid.BookAsync(db, cut);
        var moved = UntilNothingMoves(book, cut, clock.GetUtcNow().UtcDateTime, out var settled);
        if (!settled)
        {
            Unsettled(log, cut.Count, MostPasses);
        }

        await save.SaveAsync(moved.Values.ToList(), book.Movements, ct);
    }

    /// <summary>
    /// The reservations that moved, with what they came to. Parts and limits of one whose amounts stay are left as they
    /// were; one that is no longer cut has had its turn.
    /// </summary>
    /// <param name="book">Moved along.</param>
    /// <param name="cut">Live reservations that an exhausted envelope cut, in join order.</param>
    /// <param name="at">Now (UTC).</param>
    /// <param name="settled">False when it was stopped because amounts kept circling; what is held then is still within every limit.</param>
    public static Dictionary<Guid, Outcome> UntilNothingMoves(Book book, IReadOnlyList<Commitment> cut, DateTime at, out bool settled)
    {
        var outcomes = new Dictionary<Guid, Outcome>();
        var waiting = cut.ToList();
        settled = false;
        for (var pass = 0; pass < MostPasses && !settled; pass++)
        {
            settled = true;
            foreach (var commitment in waiting.ToList())
            {
                var before = book.Return(commitment);
                var calculation = book.Compute(commitment, commitment.NetCents, at);
                var steps = calculation.Decision.Steps;
                book.Take(commitment, calculation.Decision, commitment.JoinedAt);
                if (steps.All(s => s.AmountCents == before.GetValueOrDefault(s.ProgrammeId)))
                {
                    continue;
                }

                settled = false;
                outcomes[commitment.Id] = new Outcome(commitment with { AidVersion = commitment.AidVersion + 1 }, calculation, commitment.JoinedAt);
                if (!steps.Any(s => s.LimitedBy.Contains(Limits.Envelope)))
                {
                    waiting.Remove(commitment);
                }
            }
        }

        return outcomes;
    }

    [LoggerMessage(LogLevel.Warning, "{Count} cut reservations still moved after {Passes} passes; they are computed again when money returns next")]
    private static partial void Unsettled(ILogger log, int count, int passes);
}
