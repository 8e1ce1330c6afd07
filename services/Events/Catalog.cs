namespace Marketplace.Events.Catalog;

/// <summary>A negotiated price that holds from a quantity on.</summary>
/// <param name="MinQuantity">From this total quantity, ≥ 1.</param>
/// <param name="UnitPriceCents">Unit price excluding VAT, in cents.</param>
public sealed record PriceTier(int MinQuantity, long UnitPriceCents);

/// <summary>
/// A version of a pack may be ordered: it was listed, listed again, or changed while listed (DOMAIN §1). Terms of one
/// <paramref name="PackVersion"/> never change.
/// </summary>
/// <param name="PackId">The pack; the fact's stream.</param>
/// <param name="PackVersion">Version of the pack's terms, from 1.</param>
/// <param name="ProviderId">The provider's organisation.</param>
/// <param name="ProviderName">The provider's name.</param>
/// <param name="Name">The pack's name.</param>
/// <param name="Description">Its description.</param>
/// <param name="Category"><c>antivirus</c>, <c>encrypted-backup</c>, <c>firewall</c> or <c>audit</c>.</param>
/// <param name="Unit"><c>seat</c>, <c>device</c>, <c>site</c>, <c>terabyte</c> or <c>audit</c>.</param>
/// <param name="TermMonths">Term in months.</param>
/// <param name="ListPriceCents">List unit price excluding VAT, in cents.</param>
/// <param name="VatRateBps">VAT rate in basis points.</param>
/// <param name="Territories">Département codes served.</param>
/// <param name="Capacity">Most units the provider can deliver.</param>
/// <param name="Tiers">Quantities strictly rising, prices strictly falling, at least one.</param>
/// <param name="Version">The pack's version as a stream of facts, from 1.</param>
public sealed record PackListed(
    Guid PackId,
    int PackVersion,
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
    PriceTier[] Tiers,
    int Version);

/// <summary>A pack may no longer be ordered: withdrawn by its provider, or the accreditation behind it stopped.</summary>
/// <param name="PackId">The pack; the fact's stream.</param>
/// <param name="Reason"><c>withdrawn</c> or <c>accreditation</c>.</param>
/// <param name="Version">The pack's version as a stream of facts.</param>
public sealed record PackDelisted(Guid PackId, string Reason, int Version);
