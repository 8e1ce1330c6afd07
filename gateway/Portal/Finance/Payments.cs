namespace Marketplace.Portal.Finance;

/// <summary>A payment run; in the list without its transfers. Amounts in cents.</summary>
public sealed record PaymentRun(
    Guid Id, string Number, string Status, Guid ProgrammeId, DateOnly ExecutionDate, Transfer[]? Transfers, long TotalCents, int TransferCount, LeftOut[]? LeftOut, Guid PreparedBy, DateTime PreparedAt,
    Guid? ApprovedBy, DateTime? ApprovedAt, Guid? CancelledBy, DateTime? CancelledAt, string? CancelReason);

/// <summary>A credit transfer to a provider.</summary>
public sealed record Transfer(Guid Id, string EndToEndId, Guid ProviderId, string ProviderName, string Iban, long AmountCents, int GrantCount, string Status);

/// <summary>What is due but cannot be paid yet.</summary>
public sealed record LeftOut(Guid ProviderId, string? ProviderName, long AmountCents, int GrantCount, string Reason);

/// <summary>A provider as it is paid.</summary>
public sealed record Payee(Guid ProviderId, string Name, string? Siret, string? Iban, int Version);

/// <summary>What the funders owe the providers.</summary>
public sealed record Shares(ShareOfProvider[] Items, Share Totals);

/// <summary>One provider and programme.</summary>
public sealed record ShareOfProvider(Guid? ProviderId, string? ProviderName, Guid ProgrammeId, Share Share);

/// <summary>Amounts in cents: due is in no run yet, owed is due and in a run, overdue is older than thirty days.</summary>
public sealed record Share(long GrantedCents, long DueCents, long InRunCents, long OwedCents, long PaidCents, long OverdueCents);

/// <summary>An imported bank statement; counts of movements.</summary>
public sealed record Statement(
    Guid Id, string Sha256, string Format, string? Account, string[] StatementIds, DateOnly? FirstDay, DateOnly? LastDay, int Movements, int Imported, int Exact, int Exceptions, int Ignored, DateTime ImportedAt);

/// <summary>A statement and a page of its movements.</summary>
public sealed record StatementPage(Statement Statement, Movement[] Items, string? NextCursor);

/// <summary>A movement; above zero it left our account, in cents.</summary>
public sealed record Movement(
    Guid Id, int Position, int Line, DateOnly BookingDate, long AmountCents, string? EndToEndId, string? Iban, string? Reference, string? ReturnReason, string Outcome, Guid? RunId);

/// <summary>What did not come out exactly.</summary>
public sealed record BankException(
    Guid Id, string Kind, string Status, Guid? StatementId, int? Line, Guid? TransferId, Guid? RunId, string? RunNumber, Guid? ProgrammeId, string? EndToEndId, string? ProviderName, string? Iban,
    string? Reference, string? ReturnReason, long AmountCents, long? ExpectedCents, DateOnly? BookingDate, DateOnly? ExecutionDate, string Detail, DateTime RaisedAt, string? Resolution, string? Reason,
    DateTime? ResolvedAt);

/// <summary>One of them and what happened to it.</summary>
public sealed record BankExceptionPage(BankException Exception, Api.RecordedEvent[] History);

/// <summary>What was ordered beside what the bank paid; counts of transfers, amounts in cents.</summary>
public sealed record Reconciliation(
    Sum Ordered, Sum Exact, Sum Settled, Sum Rejected, Sum Awaited, BankException[] Exceptions, long ExceptionCount, MissingTransfer[] Missing, long MissingCount, long OpenCents, long DifferenceCents);

/// <summary>How many and how much, in cents.</summary>
public sealed record Sum(long Count, long Cents);

/// <summary>A transfer of which the bank said nothing.</summary>
public sealed record MissingTransfer(Guid TransferId, string EndToEndId, string ProviderName, long AmountCents, DateOnly ExecutionDate, Guid ExceptionId);

/// <summary>What businesses were charged beside the payment provider's statement; amounts in cents.</summary>
public sealed record CardReconciliation(
    DateTime? FetchedAt, bool IsStale, Sum Recorded, Sum RecordedRefunds, Sum Charged, Sum Refunded, long AdjustmentsCents, long FeesCents, long NetCents, long PaidOutCents, long PendingPayoutCents, Sum Exact,
    Sum ExactRefunds, Sum Waiting, long ExceptionCount, CardException[] Exceptions, Payout[] Payouts, long DifferenceCents);

/// <summary>A difference with the payment provider.</summary>
public sealed record CardException(
    Guid Id, string Kind, string Status, string Subject, Guid? CommitmentId, Guid? PoolId, long RecordedCents, long StatementCents, long DifferenceCents, DateTime At, string? Resolution, string? Reason);

/// <summary>A payout of the payment provider to us.</summary>
public sealed record Payout(string Id, long AmountCents, string Status, DateOnly ArrivalDate, long? LinesNetCents, long LineCount);

/// <summary>A year whose books are closed; the last four are only told of one.</summary>
public sealed record Period(int Year, long LastSequence, string LastHash, string? Reason, DateTime ClosedAt, bool Intact, ProgrammeClosing[]? Programmes, OpenThings? Open);

/// <summary>A programme at the end of the year.</summary>
public sealed record ProgrammeClosing(Guid ProgrammeId, string Name, string Funder, Figures AtEnd);

/// <summary>What accounts held, in cents.</summary>
public sealed record Figures(long VotedCents, long AvailableCents, long ReservedCents, long GrantedCents, long CommittedCents, long ServiceDoneCents, long OrderedCents, long PaidCents, long RecoveredCents);

/// <summary>What is dated in the year and not settled.</summary>
public sealed record OpenThings(string[] PreparedRuns, int UnpaidTransfers, long UnpaidCents, int OpenExceptions);
