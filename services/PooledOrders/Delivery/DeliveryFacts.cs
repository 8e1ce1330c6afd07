namespace Marketplace.PooledOrders.Delivery;

/// <summary>For the history: the provider declared what it delivered; a later declaration replaces it.</summary>
public sealed record DeliveryDeclared(Guid CommitmentId, int Quantity, DateOnly DeliveredOn, DateTime AcceptBy);

/// <summary>For the history: the business does not accept the delivery; the provider declares again.</summary>
public sealed record DeliveryRefused(Guid CommitmentId, int Quantity, string Reason);

/// <summary>For the history: the service is certified as done, and the amounts are now those of what was delivered, in cents.</summary>
public sealed record AmountsSettled(Guid CommitmentId, int Quantity, long NetCents, long VatCents, long AidCents, long PayableCents);
