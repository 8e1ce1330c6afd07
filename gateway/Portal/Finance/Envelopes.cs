namespace Marketplace.Portal.Finance;

/// <summary>A programme as finance staff see it. Budget = available + reserved + granted + paid + recovered, all in cents.</summary>
public sealed record Envelope(
    Guid Id, string Name, string Funder, long BudgetCents, long ReservedCents, long GrantedCents, long PaidCents, long RecoveredCents, long AvailableCents, int RateBps, long? CapCents, int WindowMonths,
    long MinSpendCents, long? MaxBaseCents, string[] Categories, string[] Territories, int? MaxHeadcount, long? MaxTurnoverCents, int IntensityCeilingBps, int Priority, bool DeMinimis, DateTime ValidFrom,
    DateTime ValidUntil, int Version, string? LegalBasis, string? FunderSiret)
{
    /// <summary>Where its money is.</summary>
    public Money Money => new(BudgetCents, PaidCents, GrantedCents, ReservedCents, RecoveredCents, AvailableCents);
}

/// <summary>Where the money of one or several envelopes is, in cents; the parts add up to the budget.</summary>
public sealed record Money(long BudgetCents, long PaidCents, long GrantedCents, long ReservedCents, long RecoveredCents, long AvailableCents)
{
    /// <summary>Both together.</summary>
    public static Money operator +(Money a, Money b) => new(
        a.BudgetCents + b.BudgetCents, a.PaidCents + b.PaidCents, a.GrantedCents + b.GrantedCents, a.ReservedCents + b.ReservedCents, a.RecoveredCents + b.RecoveredCents,
        a.AvailableCents + b.AvailableCents);

    /// <summary>Nothing.</summary>
    public static Money None { get; } = new(0, 0, 0, 0, 0, 0);
}
