namespace Marketplace.Portal.Finance;

/// <summary>The aid of one commitment by one programme; cumulative amounts in cents.</summary>
public sealed record Grant(
    Guid Id, Guid CommitmentId, Guid PoolId, string Siren, Guid ProgrammeId, string Status, long ReservedCents, long GrantedCents, long CommittedCents, long ServiceDoneCents, long OrderedCents,
    long PaidCents, long RecoveredCents, string? ActNumber, string[] LimitedBy, Calculation Calculation);

/// <summary>The frozen inputs and what they came to.</summary>
public sealed record Calculation(AidInput Inputs, AidDecision Decision);

/// <summary>All that the aid depends on; amounts in cents.</summary>
public sealed record AidInput(
    DateTime At, string Category, string Departement, int? Headcount, long? TurnoverCents, long NetCents, long OtherPublicAidCents, long PriorDeMinimisCents, Offer[] Offers);

/// <summary>A programme at the moment of the computation, in cents.</summary>
public sealed record Offer(Terms Terms, long UsedCents, long AvailableCents);

/// <summary>The rules of a programme.</summary>
public sealed record Terms(
    Guid Id, string Funder, int RateBps, long? CapCents, int WindowMonths, long MinSpendCents, long? MaxBaseCents, int? MaxHeadcount, long? MaxTurnoverCents, int IntensityCeilingBps, int Priority,
    bool DeMinimis);

/// <summary>The parts, by priority.</summary>
public sealed record AidDecision(AidStep[] Steps, int CeilingBps, long RoomCents, bool DeMinimisBlocked, long DeMinimisAvailableCents);

/// <summary>One part; what the computation did not reach is null.</summary>
public sealed record AidStep(
    Guid ProgrammeId, string Funder, long AmountCents, string[] LimitedBy, long? BaseCents, long? RawCents, long? CapLeftCents, long? EnvelopeCents, long? RoomLeftCents);

/// <summary>The figure computed again from its frozen inputs.</summary>
public sealed record Recomputation(Guid Id, Guid ProgrammeId, string Status, long StoredCents, long RecomputedCents, bool Same);

/// <summary>All that happened to a grant, oldest first.</summary>
public sealed record GrantHistory(Guid GrantId, Guid CommitmentId, GrantEvent[] Items);

/// <summary>A fact, or an entry of the ledger.</summary>
public sealed record GrantEvent(DateTime At, Guid? Actor, string Type, LedgerEntry? Entry);

/// <summary>An entry of the ledger; amounts in cents, hashes in hex.</summary>
public sealed record LedgerEntry(
    long Sequence, DateTime At, Guid ProgrammeId, LedgerLine[] Lines, string Reason, Guid Reference, Guid? Document, long? Reverses, Guid? Actor, string? Note, string Hash, string PreviousHash)
{
    /// <summary>In cents.</summary>
    public long AmountCents => Lines.Sum(l => l.DebitCents);

    /// <summary>The account that is debited: where the money goes.</summary>
    public string Debited => Lines.First(l => l.DebitCents > 0).Account;

    /// <summary>The account that is credited: where it comes from.</summary>
    public string Credited => Lines.First(l => l.CreditCents > 0).Account;
}

/// <summary>One side of an entry.</summary>
public sealed record LedgerLine(string Account, long DebitCents, long CreditCents);

/// <summary>What the verification of the whole ledger came to.</summary>
public sealed record Verification(long Entries, bool Balanced, bool ChainIntact, long? FirstBroken, string? FirstBrokenReason, LedgerDifference[] Differences);

/// <summary>An amount that should be the same in two places, in cents.</summary>
public sealed record LedgerDifference(Guid ProgrammeId, string Account, string Between, long LedgerCents, long OtherCents);

/// <summary>Aid that was taken back.</summary>
public sealed record Recovery(Guid Id, string? Number, Guid GrantId, long RecoveredCents, long ReleasedCents, string Reason, DateTime RecordedAt);
