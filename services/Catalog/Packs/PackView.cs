using System.Text.Json;
using Marketplace.Events.Catalog;

namespace Marketplace.Catalog.Packs;

/// <summary>The body of a pack (API.md, Catalog).</summary>
public sealed record PackView(
    Guid Id,
    int Version,
    int CurrentVersion,
    string Status,
    Guid ProviderId,
    string ProviderName,
    string Name,
    string Description,
    string Category,
    string Unit,
    int TermMonths,
    long ListPriceCents,
    int VatRateBps,
    string[] Territories,
    int Capacity,
    JsonElement Attributes,
    PriceTier[] Tiers,
    DateTime CreatedAt,
    DateTime UpdatedAt);
