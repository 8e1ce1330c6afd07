namespace Marketplace.Gateway.Notifications;

/// <summary>What a notification is about: what its kind has of these, as the fact told it.</summary>
/// <param name="PoolId">The pool, where it is about one.</param>
/// <param name="PoolTitle">Its title.</param>
/// <param name="CommitmentId">The reader's commitment in it; null for a provider.</param>
/// <param name="AmountCents">What the reader has to pay or was charged, in cents, ≥ 0.</param>
/// <param name="MissingQuantity">Units missing to the next tier, ≥ 1.</param>
/// <param name="UnitPriceCents">The unit price excluding VAT that is near or was awarded, in cents.</param>
/// <param name="Number">The accreditation's public number, where it is about one.</param>
/// <param name="Criterion">The criterion whose evidence ends.</param>
/// <param name="Until">The last instant at which one can act, or when the accreditation or evidence ends, exclusive (UTC).</param>
public sealed record NoticeData(
    Guid? PoolId = null,
    string? PoolTitle = null,
    Guid? CommitmentId = null,
    long? AmountCents = null,
    int? MissingQuantity = null,
    long? UnitPriceCents = null,
    string? Number = null,
    string? Criterion = null,
    DateTime? Until = null);
