using FluentValidation;

namespace Marketplace.Catalog.Packs;

/// <summary>A price tier as a client writes it.</summary>
/// <param name="MinQuantity">From this total quantity, 1–1 000 000.</param>
/// <param name="UnitPriceCents">Unit price excluding VAT in cents, 1–100 000 000.</param>
public sealed record TierTerms(int? MinQuantity, long? UnitPriceCents);

/// <summary>
/// The terms of a pack as its provider writes them (API.md, Catalog). Everything is nullable so that every missing field
/// is reported at once.
/// </summary>
/// <param name="Name">1–200 characters.</param>
/// <param name="Description">At most 5 000 characters; absent is empty.</param>
/// <param name="Category">One of <see cref="PackWords.Categories"/>.</param>
/// <param name="Unit">One of <see cref="PackWords.Units"/>.</param>
/// <param name="TermMonths">1–120 months.</param>
/// <param name="ListPriceCents">List unit price excluding VAT in cents, 1–100 000 000.</param>
/// <param name="VatRateBps">0–10 000 basis points; absent is 2 000.</param>
/// <param name="Territories">Département codes served, at least one.</param>
/// <param name="Capacity">Most units the provider can deliver, 1–1 000 000.</param>
/// <param name="Attributes">At most 50, keys of 1–100 and values of at most 500 characters.</param>
/// <param name="Tiers">1–20 tiers that hold to <see cref="PriceTiers"/>.</param>
public sealed record PackTerms(
    string? Name = null,
    string? Description = null,
    string? Category = null,
    string? Unit = null,
    int? TermMonths = null,
    long? ListPriceCents = null,
    int? VatRateBps = null,
    string?[]? Territories = null,
    int? Capacity = null,
    Dictionary<string, string?>? Attributes = null,
    TierTerms?[]? Tiers = null)
{
    /// <summary>The codes without repetitions; only of valid terms.</summary>
    public string[] DistinctTerritories => Territories!.Select(t => t!).Distinct().ToArray();
}

/// <summary>The ranges of <see cref="PackTerms"/>.</summary>
public sealed class PackTermsValidator : AbstractValidator<PackTerms>
{
    private const long HighestPriceCents = 100_000_000;
    private const int HighestQuantity = 1_000_000;

    /// <summary>Declares the rules.</summary>
    public PackTermsValidator()
    {
        RuleFor(t => t.Name).NotEmpty().MaximumLength(200);
        RuleFor(t => t.Description).MaximumLength(5000);
        RuleFor(t => t.Category).NotNull().Must(c => c is null || PackWords.Categories.Contains(c)).WithMessage(PackWords.OneOf(PackWords.Categories));
        RuleFor(t => t.Unit).NotNull().Must(u => u is null || PackWords.Units.Contains(u)).WithMessage(PackWords.OneOf(PackWords.Units));
        RuleFor(t => t.TermMonths).NotNull().InclusiveBetween(1, 120);
        RuleFor(t => t.ListPriceCents).NotNull().InclusiveBetween(1, HighestPriceCents);
        RuleFor(t => t.VatRateBps).InclusiveBetween(0, 10_000);
        RuleFor(t => t.Capacity).NotNull().InclusiveBetween(1, HighestQuantity);
        RuleFor(t => t.Territories).NotEmpty().Must(t => t is null || t.Length <= 200).WithMessage("At most 200 codes are expected.");
        RuleForEach(t => t.Territories).Must(c => c is not null && PackWords.Territories.Contains(c)).WithMessage("A département code is expected, such as 59, 2A or 971.");
        RuleFor(t => t.Attributes)
            .Must(a => a is null || a.Count <= 50).WithMessage("At most 50 attributes are expected.")
            .Must(a => a is null || a.All(e => e.Key.Length is >= 1 and <= 100)).WithMessage("An attribute's name has 1 to 100 characters.")
            .Must(a => a is null || a.All(e => e.Value?.Length <= 500)).WithMessage("An attribute's value is a text of at most 500 characters.");
        RuleFor(t => t.Tiers).NotEmpty().Must(t => t is null || t.Length <= 20).WithMessage("At most 20 tiers are expected.");
        RuleForEach(t => t.Tiers).NotNull().ChildRules(tier =>
        {
            tier.RuleFor(t => t!.MinQuantity).NotNull().InclusiveBetween(1, HighestQuantity);
            tier.RuleFor(t => t!.UnitPriceCents).NotNull().InclusiveBetween(1, HighestPriceCents);
        });
        RuleFor(t => t).Custom((terms, context) =>
        {
            foreach (var (field, message) in PriceTiers.Violations(terms.Tiers, terms.ListPriceCents))
            {
                context.AddFailure(field, message);
            }
        });
    }
}
