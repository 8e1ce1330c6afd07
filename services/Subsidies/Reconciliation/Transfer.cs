using Marketplace.Subsidies.PaymentRuns;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>A credit transfer of a payment run and what the bank's movements said of it so far.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="RunId">Its run.</param>
/// <param name="ProgrammeId">The run's programme.</param>
/// <param name="Status">One of <see cref="TransferStatus"/>; ordered means that the run is approved.</param>
/// <param name="ExecutionDate">The run's.</param>
/// <param name="EndToEndId">Ours, unique.</param>
/// <param name="Iban">The payee's account.</param>
/// <param name="AmountCents">What was ordered, > 0.</param>
/// <param name="DebitedCents">What left our account for it, ≥ 0; may exceed what was ordered.</param>
/// <param name="ReturnedCents">What came back of it, ≥ 0.</param>
/// <param name="CanReopen">Its aid still is where it would be taken back from: none of it was claimed back meanwhile.</param>
public sealed record Transfer(
    Guid Id,
    Guid RunId,
    Guid ProgrammeId,
    string Status,
    DateOnly ExecutionDate,
    string EndToEndId,
    string Iban,
    long AmountCents,
    long DebitedCents,
    long ReturnedCents,
    bool CanReopen)
{
    /// <summary>What the bank still is to pay. What was sent back before it was seen to leave is still to be seen leaving.</summary>
    public long OutstandingCents => Status switch
    {
        TransferStatus.Ordered => AmountCents - DebitedCents,
        TransferStatus.Rejected => ReturnedCents - DebitedCents,
        _ => 0,
    };

    /// <summary>What left our account and did not come back.</summary>
    public long LeftCents => DebitedCents - ReturnedCents;
}

/// <summary>What a movement does to the money of its transfer.</summary>
public enum Effect
{
    /// <summary>Nothing: the money stays where it is.</summary>
    None,

    /// <summary>The aid of the transfer is paid.</summary>
    Pay,

    /// <summary>The aid of the transfer is due again.</summary>
    Reopen,
}

/// <summary>What a movement came to.</summary>
/// <param name="Outcome">One of <see cref="Outcomes"/>.</param>
/// <param name="Transfer">Its transfer after the movement; null when it has none.</param>
/// <param name="Effect">What happens to the transfer's aid.</param>
/// <param name="ExpectedCents">What would have been exact; null when nothing was expected.</param>
/// <param name="Detail">In words, for who has to resolve it.</param>
public sealed record Match(string Outcome, Transfer? Transfer, Effect Effect, long? ExpectedCents, string Detail);
