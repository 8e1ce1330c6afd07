namespace Marketplace.Local.Campaigns;

/// <summary>What became of a campaign's aid between grant and bank. Amounts in cents.</summary>
/// <param name="Faults">What is otherwise than it has to be, in sentences; empty when every cent is explained.</param>
public sealed record BankOutcome(
    DeliveryOutcome Delivery,
    IReadOnlyList<TransferOutcome> Transfers,
    ImportOutcome Import,
    ImportOutcome SameFileAgain,
    ReconciliationOutcome Reconciliation,
    LedgerOutcome Ledger,
    SumsOutcome Sums,
    IReadOnlyList<string> Faults);

/// <summary>What was delivered, and what the businesses said to it.</summary>
/// <param name="Accepted">Deliveries that the business accepted.</param>
/// <param name="Silent">Those that its silence accepted.</param>
/// <param name="RefusedFirst">The commitment (<c>pool/business</c>) whose first delivery was refused; null when there is none.</param>
/// <param name="Short">The commitment that got a unit less; null when no pool could be delivered short.</param>
public sealed record DeliveryOutcome(int Accepted, int Silent, string? RefusedFirst, ShortOutcome? Short);

/// <summary>A commitment that got less than was allocated to it, before and after its amounts were computed again.</summary>
/// <param name="Commitment"><c>pool/business</c>.</param>
public sealed record ShortOutcome(string Commitment, CommitmentAmounts Ordered, CommitmentAmounts Delivered, long RefundedCents);

/// <summary>The amounts of a commitment.</summary>
public sealed record CommitmentAmounts(long Quantity, long NetCents, long AidCents, long PayableCents);

/// <summary>One credit transfer of a payment run.</summary>
/// <param name="Programme">Key of the file.</param>
/// <param name="Provider">Key of the file.</param>
/// <param name="AmountCents">Ordered.</param>
/// <param name="Booked">What the statement said of it (<see cref="LineKind"/>).</param>
/// <param name="Outcome">What the reconciliation made of it.</param>
public sealed record TransferOutcome(string Programme, string Provider, string EndToEndId, long AmountCents, string Booked, string Outcome);

/// <summary>The answer to a bank statement.</summary>
public sealed record ImportOutcome(int Imported, int AlreadyKnown);

/// <summary>The reconciliation after all.</summary>
/// <param name="Exceptions">How many there are, by kind.</param>
public sealed record ReconciliationOutcome(
    CountAndCents Ordered, CountAndCents Exact, IReadOnlyDictionary<string, int> Exceptions, IReadOnlyList<ExceptionOutcome> ToResolve, long DifferenceCents);

/// <summary>A number of transfers and their sum.</summary>
public sealed record CountAndCents(int Count, long Cents);

/// <summary>A difference that a person has to look at.</summary>
public sealed record ExceptionOutcome(string Kind, string? EndToEndId, long? ExpectedCents, long? AmountCents);

/// <summary>The ledger's verification of itself.</summary>
public sealed record LedgerOutcome(long Entries, bool Balanced, bool ChainIntact);

/// <summary>The same money, as three places tell it: what the envelopes hold, what the ledger's accounts come to, what the grants say.</summary>
public sealed record SumsOutcome(long EnvelopesCents, long LedgerCents, long GrantsCents)
{
    public bool AreEqual => EnvelopesCents == LedgerCents && LedgerCents == GrantsCents;
}
