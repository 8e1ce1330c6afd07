namespace Marketplace.Portal.Api;

/// <summary>What is owed by its age, in cents.</summary>
public sealed record Ageing(long Days0To30Cents, long Days31To60Cents, long Days61To90Cents, long DaysOver90Cents);

/// <summary>What the businesses of a pool owe its provider, in cents.</summary>
public sealed record BusinessShare(
    Guid PoolId, string PoolTitle, DateTime ClosedAt, long CommitmentCount, long InvoicedCents, long AidCents, long OwedCents, long CollectedCents, long RefundedCents, long ToRefundCents, long DueCents,
    Ageing Ageing);

/// <summary>All that businesses owe.</summary>
public sealed record BusinessShareTotals(long InvoicedCents, long AidCents, long OwedCents, long CollectedCents, long DueCents, Ageing Ageing);

/// <summary>A page of them, with the totals of all.</summary>
public sealed record BusinessShares(IReadOnlyList<BusinessShare> Items, string? NextCursor, BusinessShareTotals Totals);

/// <summary>What a funder owes, in cents.</summary>
public sealed record FunderShare(
    long GrantedCents, long DueCents, long InRunCents, long OwedCents, long PaidCents, long Days0To30Cents, long Days31To60Cents, long Days61To90Cents, long DaysOver90Cents, long OverdueCents,
    DateOnly? OldestServiceDoneOn);

/// <summary>What a programme owes.</summary>
public sealed record ProgrammeShare(Guid ProgrammeId, string Programme, string Funder, FunderShare Share);

/// <summary>All that funders owe.</summary>
public sealed record FunderShares(DateOnly AsOf, IReadOnlyList<ProgrammeShare> Items, FunderShare Totals);
