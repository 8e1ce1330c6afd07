using FsCheck;
using FsCheck.Fluent;
using Marketplace.Catalog.Accreditations;
using Marketplace.Catalog.Packs;

namespace Marketplace.Catalog.Tests;

public sealed class RuleTests
{
    private static readonly string[] Statuses = [PackStanding.Draft, PackStanding.Listed, PackStanding.Delisted, PackStanding.Withdrawn];

    [Fact]
    public void tiers_hold_exactly_when_quantities_rise_and_prices_fall_from_the_list_price() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Choose(1, 4).Two().Select(p => new TierTerms(p.Item1, p.Item2)).ListOf().Where(t => t.Count is > 0 and < 5).ToArbitrary(),
        Gen.Choose(1, 4).ToArbitrary(),
        (tiers, listPrice) =>
        {
            var quantities = tiers.Select(t => t.MinQuantity!.Value).ToList();
            var prices = tiers.Select(t => t.UnitPriceCents!.Value).ToList();
            var holds = quantities.SequenceEqual(quantities.Distinct().Order()) && prices.SequenceEqual(prices.Distinct().OrderDescending()) && prices[0] <= listPrice;
            return holds == !PriceTiers.Violations([.. tiers], listPrice).Any();
        }));

    [Fact]
    public void no_move_leaves_a_pack_listed_without_cover() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.Elements(Statuses).ToArbitrary(),
        Gen.Elements(true, false).ToArbitrary(),
        (status, covered) =>
        {
            string?[] outcomes = [PackStanding.WhenListed(covered), PackStanding.WhenChanged(status, covered), PackStanding.WhenAccreditationChanged(status, covered)];
            return outcomes.All(o => o != PackStanding.Listed || covered);
        }));

    [Theory]
    [InlineData("draft", "draft", "draft")]
    [InlineData("withdrawn", "withdrawn", "withdrawn")]
    [InlineData("listed", "listed", "delisted")]
    [InlineData("delisted", "listed", "delisted")]
    public void an_accreditation_moves_only_what_its_provider_wants_listed(string status, string covered, string uncovered)
    {
        Assert.Equal(covered, PackStanding.WhenAccreditationChanged(status, true));
        Assert.Equal(uncovered, PackStanding.WhenAccreditationChanged(status, false));
    }

    [Fact]
    public void one_accreditation_alone_has_to_hold_the_category_and_every_territory()
    {
        Scope[] scopes = [new(["antivirus", "audit"], ["59"]), new(["firewall"], ["59", "62"])];
        Assert.True(Coverage.Holds(scopes, "audit", ["59"]));
        Assert.True(Coverage.Holds(scopes, "firewall", ["62", "59"]));
        Assert.False(Coverage.Holds(scopes, "audit", ["59", "62"]));
        Assert.False(Coverage.Holds([], "audit", ["59"]));
    }

    [Fact]
    public void corsica_has_two_codes_instead_of_20()
    {
        Assert.Equal(95 - 1 + 2 + 6, PackWords.Territories.Count);
        Assert.Contains("01", PackWords.Territories);
        Assert.DoesNotContain("20", PackWords.Territories);
    }
}
