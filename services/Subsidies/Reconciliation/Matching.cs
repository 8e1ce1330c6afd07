using Marketplace.Subsidies.PaymentRuns;
using static Marketplace.Subsidies.Reconciliation.Outcomes;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// The matching of DOMAIN §6: a movement goes with the transfer of its end-to-end id, else with one of the same account
/// and amount. The outcome tells the movement; the effect follows from what all movements of the transfer add up to, so
/// that it does not matter which came first. Pure.
/// </summary>
public static class Matching
{
    /// <summary>Decides on a movement of one transfer.</summary>
    /// <param name="amountCents">> 0 left our account; &lt; 0 came in.</param>
    /// <param name="isReturn">The bank says that it gives back what we had paid.</param>
    /// <param name="named">The transfer with the movement's end-to-end id.</param>
    /// <param name="alike">
    /// Without one: the oldest transfer to the same account of which exactly this amount is outstanding; for a return, the
    /// latest of which exactly this amount had left.
    /// </param>
    public static Match Decide(long amountCents, bool isReturn, Transfer? named, Transfer? alike) => (named ?? alike, amountCents) switch
    {
        (null, > 0) => new Match(Unknown, null, Effect.None, null, "No ordered transfer has this end-to-end id, nor this account and amount."),
        (null, _) => new Match(Unknown, null, Effect.None, null, "Money came in that belongs to no transfer."),
        ({ Status: TransferStatus.Prepared } transfer, _) => new Match(Unknown, transfer, Effect.None, null, "The transfer's payment run is not approved."),
        ({ Status: TransferStatus.Cancelled } transfer, _) => new Match(Unknown, transfer, Effect.None, null, "The transfer's payment run was cancelled."),
        ({ } transfer, > 0) => Debit(transfer, amountCents),
        ({ } transfer, _) when isReturn || named is not null => Return(transfer, -amountCents),
        _ => new Match(Unknown, null, Effect.None, null, "Money came in that the bank does not call a return."),
    };

    /// <summary>Decides on a movement that the bank booked for a whole run: as if each of its transfers had come by itself.</summary>
    /// <param name="amountCents">> 0 left our account; &lt; 0 came in.</param>
    /// <param name="run">The approved run whose number is the movement's payment information id; null when there is none.</param>
    public static Match Decide(long amountCents, BatchRun? run) => (run, amountCents) switch
    {
        (null, _) => new Match(Unknown, null, Effect.None, null, "No approved payment run has this number."),
        ({ OutstandingCents: var expected }, > 0) when amountCents == expected => new Match(Exact, null, Effect.Pay, expected, "The run's transfers were paid at once."),
        ({ OutstandingCents: 0 }, > 0) => new Match(Duplicate, null, Effect.None, 0, "Nothing of this run is outstanding any more."),
        ({ OutstandingCents: var expected }, > 0) => new Match(
            amountCents < expected ? Partial : Over, null, Effect.None, expected, "The bank booked the run as one amount, which is not what is outstanding of its transfers."),
        _ => new Match(
            Rejected, null, run.CanReopen && -amountCents == run.ReturnableCents ? Effect.Reopen : Effect.None, -run.ReturnableCents,
            -amountCents == run.ReturnableCents ? "The bank sent the whole run back." : "The bank sent a part of the run back as one amount; it does not say of which transfers."),
    };

    private static Match Debit(Transfer before, long cents)
    {
        var (expected, after) = (before.OutstandingCents, before with { DebitedCents = before.DebitedCents + cents });
        var outcome = before.Status is not TransferStatus.Ordered && expected <= 0 ? Duplicate : cents == expected ? Exact : cents < expected ? Partial : Over;
        var effect = before.Status != TransferStatus.Ordered ? Effect.None : after.LeftCents == 0 ? Effect.Reopen : outcome == Exact ? Effect.Pay : Effect.None;
        return new Match(outcome, Moved(after, effect), effect, Math.Max(0, expected), outcome switch
        {
            Exact => "What was outstanding was paid.",
            Partial => "Less was paid than what is outstanding.",
            Over => "More was paid than what was outstanding.",
            _ => $"The transfer is {before.Status} already.",
        });
    }

    private static Match Return(Transfer before, long cents)
    {
        var after = before with { ReturnedCents = before.ReturnedCents + cents };
        var isWhole = after.LeftCents == 0 || (before.DebitedCents == 0 && after.ReturnedCents == before.AmountCents);
        var isOpen = before.Status is TransferStatus.Ordered or TransferStatus.Paid;
        var effect = isWhole && isOpen && before.CanReopen ? Effect.Reopen : Effect.None;
        return new Match(Rejected, Moved(after, effect), effect, -(before.DebitedCents == 0 ? before.AmountCents : before.LeftCents), (isWhole, isOpen, before.CanReopen) switch
        {
            (true, true, true) => "The bank sent the transfer back; its aid is due again.",
            (true, true, false) => "The bank sent the transfer back, but a part of its aid was claimed back before: nothing was moved.",
            (_, false, _) => $"The bank sent money back, but the transfer is {before.Status} already: nothing was moved.",
            _ => "The bank sent back something else than what had left for the transfer: nothing was moved.",
        });
    }

    private static Transfer Moved(Transfer transfer, Effect effect) => effect switch
    {
        Effect.Pay => transfer with { Status = TransferStatus.Paid },
        Effect.Reopen => transfer with { Status = TransferStatus.Rejected },
        _ => transfer,
    };
}

/// <summary>An approved run as a whole, for movements that do not tell its transfers apart; amounts in cents.</summary>
/// <param name="Id">The run.</param>
/// <param name="ProgrammeId">Its programme.</param>
/// <param name="OutstandingCents">What is outstanding of all its transfers together.</param>
/// <param name="ReturnableCents">What left for its transfers and did not come back; when none was seen to leave, what was ordered.</param>
/// <param name="CanReopen">All of its transfers can be taken back.</param>
public sealed record BatchRun(Guid Id, Guid ProgrammeId, long OutstandingCents, long ReturnableCents, bool CanReopen);
