using System.Text.Json;

namespace Marketplace.Portal.Api;

/// <summary>A pack of the catalogue; prices in cents excluding VAT.</summary>
public sealed record Pack(
    Guid Id, int Version, string Status, Guid ProviderId, string ProviderName, string Name, string Description, string Category, string Unit, int TermMonths, long ListPriceCents, int VatRateBps,
    string[] Territories, int Capacity, JsonElement Attributes, Tier[] Tiers);

/// <summary>What a search found, and how many each further choice would leave.</summary>
public sealed record FoundPacks(IReadOnlyList<Pack> Items, string? NextCursor, Dictionary<string, Dictionary<string, long>> Facets);

/// <summary>An accreditation as the public register shows it.</summary>
public sealed record Accreditation(Guid Id, string Number, Guid ProviderId, string ProviderName, string Siret, string[] Categories, string[] Territories, string Status, DateTime ValidFrom, DateTime ValidUntil);

/// <summary>A funding programme; the amounts that only finance sees are null for others.</summary>
public sealed record Programme(
    Guid Id, string Name, string Funder, long BudgetCents, long AvailableCents, long? ReservedCents, long? GrantedCents, long? PaidCents, int RateBps, long? CapCents, int WindowMonths, long MinSpendCents,
    long? MaxBaseCents, string[] Categories, string[] Territories, int? MaxHeadcount, long? MaxTurnoverCents, int IntensityCeilingBps, bool DeMinimis, DateTime ValidFrom, DateTime ValidUntil);
