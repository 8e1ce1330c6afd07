using Marketplace.Subsidies.PaymentRuns;
using static Marketplace.Subsidies.Reconciliation.Outcomes;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// What resolving an exception does to money. Any words may close one; three of them also move money, and are refused
/// where that would pay twice or not at all. Pure.
/// </summary>
/// <param name="Move">What happens to the transfer's aid.</param>
/// <param name="Refusal">Why it is refused; null when it is not.</param>
public sealed record Resolution(ResolutionMove Move, string? Refusal = null)
{
    /// <summary>Nothing left the bank for good: the aid is due again, in the next run. For missing, partial and rejected.</summary>
    public const string PayAgain = "pay-again";

    /// <summary>What left the bank is paid, the rest is due again. For partial, and for a return of a part (rejected).</summary>
    public const string PayRest = "pay-rest";

    /// <summary>What was ordered is paid; what left beyond it is settled with the provider outside. For over.</summary>
    public const string Paid = "paid";

    /// <summary>Decides.</summary>
    /// <param name="word">What the person chose.</param>
    /// <param name="kind">Of the exception.</param>
    /// <param name="transfer">Its transfer; null when it has none.</param>
    /// <param name="ofRun">It is about a movement of a whole run.</param>
    public static Resolution Decide(string word, string kind, Transfer? transfer, bool ofRun) => (word, kind, transfer) switch
    {
        (PayAgain, Missing or Partial or Rejected, { } t) => Again(t),
        (PayRest, Partial or Rejected, { } t) => Rest(t),
        (Paid, Over, { Status: TransferStatus.Ordered } t) when t.LeftCents >= t.AmountCents => new(ResolutionMove.Pay),
        (Paid, Over, { }) => Refused("What was ordered is not what left for this transfer, or it is closed already."),
        (Paid, Over, null) when ofRun => new(ResolutionMove.Pay),
        (PayAgain or PayRest or Paid, _, _) => Refused($"'{word}' moves money and has no meaning for this exception; other words close it without moving any."),
        _ => new(ResolutionMove.None),
    };

    private static Resolution Again(Transfer t) => t switch
    {
        { Status: TransferStatus.Rejected } => new(ResolutionMove.None),
        { LeftCents: not 0 } when t.DebitedCents != 0 || t.ReturnedCents != t.AmountCents => Refused($"{t.DebitedCents} cents left the bank for this transfer and {t.ReturnedCents} came back: paying it again would pay twice."),
        { CanReopen: false } => Refused("A part of this aid was claimed back: it is not due again."),
        { Status: TransferStatus.Ordered or TransferStatus.Paid or TransferStatus.Settled } => new(ResolutionMove.Reopen),
        _ => Refused("The transfer's payment run is not approved."),
    };

    private static Resolution Rest(Transfer t) => t switch
    {
        { LeftCents: <= 0 } => Refused("Nothing left the bank for this transfer: all of it can be paid again."),
        _ when t.LeftCents >= t.AmountCents => Refused("All that was ordered left the bank: there is no rest."),
        { CanReopen: false } => Refused("A part of this aid was claimed back: it is not due again."),
        { Status: TransferStatus.Ordered or TransferStatus.Paid or TransferStatus.Settled } => new(ResolutionMove.PayPart),
        _ => Refused($"The transfer is {t.Status} already."),
    };

    private static Resolution Refused(string why) => new(ResolutionMove.None, why);
}

/// <summary>What a resolution does to the aid of a transfer.</summary>
public enum ResolutionMove
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>All of it is paid.</summary>
    Pay,

    /// <summary>What left the bank is paid, the rest is due again.</summary>
    PayPart,

    /// <summary>All of it is due again.</summary>
    Reopen,
}
