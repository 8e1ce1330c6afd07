namespace Marketplace.PooledOrders.Pools;

/// <summary>For the history: a pool was created.</summary>
public sealed record PoolScheduled(Guid PoolId, Guid PackId, int PackVersion, DateTime OpensAt, DateTime ClosesAt, int MinQuantity, int MaxQuantity, string[] Territories, Guid[] ProgrammeIds);

/// <summary>For the history: businesses may join.</summary>
public sealed record PoolOpened(Guid PoolId);

/// <summary>For the history: the deadline moved.</summary>
public sealed record PoolExtended(Guid PoolId, DateTime ClosesAt);

/// <summary>For the history: the provider's accreditation stopped.</summary>
public sealed record PoolFrozen(Guid PoolId);

/// <summary>For the history: the accreditation is back; the lost time was added to the deadline.</summary>
public sealed record PoolThawed(Guid PoolId, DateTime ClosesAt);

/// <summary>For the history: the first delivery was declared.</summary>
public sealed record PoolFulfilling(Guid PoolId);

/// <summary>For the history: every commitment is accepted or has ended.</summary>
public sealed record PoolSettled(Guid PoolId);

/// <summary>For the history: what the closing of a pool meant for one commitment.</summary>
public sealed record CommitmentConfirmed(Guid CommitmentId, int AllocatedQuantity, long UnitPriceCents, long NetCents, long VatCents);

/// <summary>For the history: the commitment was let go by the closing (<c>price-limit-not-met</c>, <c>pool-failed</c>) or by a cancellation.</summary>
public sealed record CommitmentReleased(Guid CommitmentId, string Reason);
