namespace Marketplace.Portal.Api;

/// <summary>A price from a quantity on, in cents excluding VAT.</summary>
public sealed record Tier(int MinQuantity, long UnitPriceCents);

/// <summary>The next better price, and how many units are missing.</summary>
public sealed record MissingTier(int MinQuantity, long UnitPriceCents, int Missing);

/// <summary>The pack of a pool.</summary>
public sealed record PoolPack(Guid Id, int Version, string Name, string Category, string Unit, int TermMonths, long ListPriceCents, int VatRateBps, Guid ProviderId, string ProviderName);

/// <summary>A pool (API.md, Pools).</summary>
public sealed record Pool(
    Guid Id, string Title, PoolPack Pack, string Status, DateTime OpensAt, DateTime ClosesAt, Tier[] Tiers, int MinQuantity, int MaxQuantity, string[] Territories, Guid[] ProgrammeIds,
    int CommittedQuantity, int ToleranceQuantity, int CommitmentCount, int AvailableQuantity, long? CurrentUnitPriceCents, MissingTier? NextTier, long? AwardedUnitPriceCents, int? OrderedQuantity,
    DateTime? ClosedAt, string? EndReason, int Version);

/// <summary>A programme's aid in a quote.</summary>
public sealed record QuotedAid(Guid ProgrammeId, string Funder, long AmountCents, string[] LimitedBy);

/// <summary>What a quantity comes to at a price; amounts in cents.</summary>
public sealed record QuotedPrice(long UnitPriceCents, int Quantity, long NetCents, long VatCents, QuotedAid[] Aid, long AidCents, long PayableCents, int? MinQuantity, int? Missing);

/// <summary>What it would cost: today, at the next tier, at worst.</summary>
public sealed record Quote(QuotedPrice? Today, QuotedPrice? NextTier, QuotedPrice? WorstCase);

/// <summary>A programme's aid for a commitment.</summary>
public sealed record CommitmentAid(Guid ProgrammeId, string Funder, long AmountCents, string Status, string[] LimitedBy);

/// <summary>How the payment of a commitment stands; amounts in cents. <c>RedirectUrl</c> only answers the payer's own try.</summary>
public sealed record CommitmentPayment(
    string Status, string? Reference, DateTime? DueUntil, string? FailureCode, string? RedirectUrl, long RefundedCents, string? RefundStatus, long OutstandingCents);

/// <summary>What became of the declared delivery: silence until <c>AcceptBy</c> accepts.</summary>
public sealed record CommitmentDelivery(DateTime? DeclaredAt, DateTime? AcceptBy, DateTime? AcceptedAt, bool? Tacit, DateTime? RefusedAt, string? RefusalReason);

/// <summary>A commitment (API.md, Commitments).</summary>
public sealed record Commitment(
    Guid Id, Guid PoolId, string Siren, string OrganisationName, string Status, int Quantity, int Tolerance, long? PriceLimitCents, DateTime JoinedAt, int? AllocatedQuantity, long? UnitPriceCents,
    long? NetCents, long? VatCents, CommitmentAid[] Aid, long AidCents, long? PayableCents, CommitmentPayment Payment, string? EndReason, int Version, string? Siret, int? DeliveredQuantity,
    DateOnly? DeliveredOn, CommitmentDelivery? Delivery);

/// <summary>An event of a history.</summary>
public sealed record RecordedEvent(Guid Id, int Version, string Type, DateTime At, Guid? Actor, string? ActorRole, System.Text.Json.JsonElement Data);
