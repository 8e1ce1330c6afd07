namespace Marketplace.Portal.Api;

/// <summary>Public aid from elsewhere that a business declares; amount in cents.</summary>
public sealed record DeclaredAid(DateOnly? GrantedOn, long? AmountCents, string? Source, bool? DeMinimis);

/// <summary>De minimis aid of the single undertaking in the last three years, in cents.</summary>
public sealed record DeMinimisStanding(long UsedCents, long AvailableCents);

/// <summary>A business as a receiver of aid (API.md, Subsidies).</summary>
public sealed record Beneficiary(string Siren, string[] LinkedSirens, DeclaredAid[] DeclaredAid, DeMinimisStanding DeMinimis, int Version);
