using System.Text.Json;
using Dapper;
using Marketplace.Events.Catalog;
using Marketplace.Platform.Requests;

namespace Marketplace.Catalog.Packs;

/// <summary>A pack with the terms of one of its versions.</summary>
/// <param name="Id">The pack.</param>
/// <param name="Version">Version of the terms, from 1.</param>
/// <param name="CurrentVersion">The newest version of the terms.</param>
/// <param name="StreamVersion">Number of facts about the pack.</param>
/// <param name="Status">Where it stands (<see cref="PackStanding"/>).</param>
/// <param name="ProviderId">Its provider's organisation.</param>
/// <param name="ProviderName">The provider's name when the version was written.</param>
/// <param name="Name">1–200 characters.</param>
/// <param name="Description">At most 5 000 characters.</param>
/// <param name="Category">One of <see cref="PackWords.Categories"/>.</param>
/// <param name="Unit">One of <see cref="PackWords.Units"/>.</param>
/// <param name="TermMonths">Months.</param>
/// <param name="ListPriceCents">Unit price excluding VAT, in cents.</param>
/// <param name="VatRateBps">Basis points.</param>
/// <param name="Territories">Département codes.</param>
/// <param name="Capacity">Units.</param>
/// <param name="Attributes">A JSON object of texts.</param>
/// <param name="TierQuantities">Quantities of the tiers, rising.</param>
/// <param name="TierPrices">Unit prices of the tiers in cents, falling.</param>
/// <param name="FirstListedAt">When it became known to others than its provider (UTC).</param>
/// <param name="CreatedAt">When version 1 was written (UTC).</param>
/// <param name="UpdatedAt">When the pack last changed (UTC).</param>
[method: ExplicitConstructor]
public sealed record Pack(
    Guid Id,
    int Version,
    int CurrentVersion,
    int StreamVersion,
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
    string Attributes,
    int[] TierQuantities,
    long[] TierPrices,
    DateTime? FirstListedAt,
    DateTime CreatedAt,
    DateTime UpdatedAt)
{
    private PriceTier[] Tiers => TierQuantities.Zip(TierPrices, (quantity, price) => new PriceTier(quantity, price)).ToArray();

    /// <summary>True when the organisation may know of it: its provider, or anybody once it has been listed.</summary>
    public bool IsKnownTo(Guid? organisation) => FirstListedAt is not null || ProviderId == organisation;

    /// <summary>A draft without terms or facts yet; <see cref="With"/> makes its version 1.</summary>
    public static Pack New(Guid providerId, DateTime now) => new(
        Guid.CreateVersion7(new DateTimeOffset(now)), 0, 0, 1, PackStanding.Draft, providerId, "", "", "", "", "", 0, 0, 0, [], 0, "{}", [], [], null, now, now);

    /// <summary>The pack one fact later.</summary>
    public Pack MovedTo(string status, DateTime now) => this with
    {
        Status = status,
        StreamVersion = StreamVersion + 1,
        FirstListedAt = FirstListedAt ?? (status == PackStanding.Listed ? now : null),
        UpdatedAt = now,
    };

    /// <summary>The pack with new terms.</summary>
    public Pack With(PackTerms terms, string providerName) => this with
    {
        Version = CurrentVersion + 1,
        CurrentVersion = CurrentVersion + 1,
        ProviderName = providerName,
        Name = terms.Name!.Trim(),
        Description = terms.Description ?? "",
        Category = terms.Category!,
        Unit = terms.Unit!,
        TermMonths = terms.TermMonths!.Value,
        ListPriceCents = terms.ListPriceCents!.Value,
        VatRateBps = terms.VatRateBps ?? 2000,
        Territories = terms.DistinctTerritories,
        Capacity = terms.Capacity!.Value,
        Attributes = JsonSerializer.Serialize(terms.Attributes ?? [], Json.Options),
        TierQuantities = terms.Tiers!.Select(t => t!.MinQuantity!.Value).ToArray(),
        TierPrices = terms.Tiers!.Select(t => t!.UnitPriceCents!.Value).ToArray(),
    };

    /// <summary>The fact that it may be ordered.</summary>
    public PackListed AsListed() => new(
        Id, Version, ProviderId, ProviderName, Name, Description, Category, Unit, TermMonths, ListPriceCents, VatRateBps, Territories, Capacity, Tiers, StreamVersion);

    /// <summary>The fact that it may no longer be ordered.</summary>
    public PackDelisted AsDelisted(string reason) => new(Id, reason, StreamVersion);

    /// <summary>The pack as the API shows it.</summary>
    public PackView View() => new(
        Id, Version, CurrentVersion, Status, ProviderId, ProviderName, Name, Description, Category, Unit, TermMonths, ListPriceCents, VatRateBps, Territories, Capacity,
        JsonSerializer.Deserialize<JsonElement>(Attributes, Json.Options), Tiers, CreatedAt, UpdatedAt);
}
