using Marketplace.Subsidies.Grants;

namespace Marketplace.Subsidies.Tests;

/// <summary>The worked examples of DOMAIN §5, and one example per limit.</summary>
public sealed class AidExamples
{
    private static readonly DateTime Now = new(2026, 11, 22, 10, 0, 0, DateTimeKind.Utc);
    private static readonly ProgrammeTerms Terms = new(
        Guid.Empty, "Ville", 5_000, null, 36, 0, null, ["antivirus"], ["62"], null, null, 10_000, 100, false, Now.AddYears(-1), Now.AddYears(1));

    [Fact]
    public void region_and_city_share_within_their_caps_and_the_business_pays_450_01()
    {
        var decision = Decide(1_000_01, [
            Offer(Terms with { RateBps = 5_000, CapCents = 600_00, Priority = 1, IntensityCeilingBps = 8_000 }),
            Offer(Terms with { RateBps = 3_000, CapCents = 250_00, Priority = 2, IntensityCeilingBps = 8_000 }),
        ]);

        Assert.Equal([500_00, 250_00], Amounts(decision));
        Assert.Equal(450_01, 1_000_01 + 200_00 - Amounts(decision).Sum());
        Assert.Equal(["cap-reached"], decision.Steps[1].LimitedBy);
    }

    [Fact]
    public void the_intensity_ceiling_cuts_the_second_programme_to_162()
    {
        var decision = Decide(540_00, RegionAndCity());

        Assert.Equal([270_00, 162_00], Amounts(decision));
        Assert.Equal([270_00L, 216_00L], decision.Steps.Select(s => s.RawCents!.Value));
        Assert.Equal(432_00, decision.RoomCents);
        Assert.Empty(decision.Steps[0].LimitedBy);
        Assert.Equal(["intensity-ceiling"], decision.Steps[1].LimitedBy);
    }

    [Fact]
    public void prior_aid_of_299_700_blocks_both_and_300_would_still_fit()
    {
        var decision = Decide(540_00, RegionAndCity(deMinimis: true), prior: 299_700_00);

        Assert.Equal([0, 0], Amounts(decision));
        Assert.All(decision.Steps, s => Assert.Equal(["de-minimis-ceiling"], s.LimitedBy));
        Assert.True(decision.DeMinimisBlocked);
        Assert.Equal(300_00, decision.DeMinimisAvailableCents);
    }

    [Theory]
    [InlineData(2_999_99, 0)]
    [InlineData(3_000_00, 900_00)]
    [InlineData(20_000_00, 4_500_00)]
    public void minimum_spend_and_maximum_base_bound_the_eligible_base(long net, long expected) =>
        Assert.Equal([expected], Amounts(Decide(net, [Offer(Terms with { RateBps = 3_000, MinSpendCents = 3_000_00, MaxBaseCents = 15_000_00 })])));

    [Fact]
    public void aid_that_fills_the_de_minimis_ceiling_exactly_is_not_blocked() =>
        Assert.Equal([270_00, 162_00], Amounts(Decide(540_00, RegionAndCity(deMinimis: true), prior: 300_000_00 - 432_00)));

    [Fact]
    public void when_the_gate_closes_the_other_programmes_are_computed_as_if_the_blocked_ones_were_absent()
    {
        var decision = Decide(1_000_00, [
            Offer(Terms with { Id = Guid.CreateVersion7(), DeMinimis = true, Priority = 1, IntensityCeilingBps = 5_000 }),
            Offer(Terms with { Id = Guid.CreateVersion7(), RateBps = 9_000, Priority = 2, IntensityCeilingBps = 9_500 }),
        ], prior: 300_000_00);

        Assert.Equal([0, 900_00], Amounts(decision));
        Assert.Equal(9_500, decision.CeilingBps);
    }

    [Fact]
    public void the_first_condition_that_fails_is_named()
    {
        var narrow = Terms with { Categories = ["audit"], Territories = ["59"], MaxHeadcount = 1, MaxTurnoverCents = 1, ValidUntil = Now };

        Assert.Equal("not-eligible-category", Refusal(narrow));
        Assert.Equal("not-eligible-territory", Refusal(narrow = narrow with { Categories = ["antivirus"] }));
        Assert.Equal("not-eligible-headcount", Refusal(narrow = narrow with { Territories = ["62"] }));
        Assert.Equal("not-eligible-turnover", Refusal(narrow = narrow with { MaxHeadcount = 5 }));
        Assert.Equal("not-in-force", Refusal(narrow = narrow with { MaxTurnoverCents = 100 }));
        Assert.Equal("not-in-force", Refusal(narrow with { ValidFrom = Now.AddTicks(1), ValidUntil = Now.AddYears(1) }));
        Assert.Equal("below-minimum-spend", Refusal(narrow with { ValidUntil = Now.AddTicks(1), MinSpendCents = 1_000_01 }));

        static string Refusal(ProgrammeTerms terms)
        {
            var step = Assert.Single(Decide(1_000_00, [Offer(terms)], headcount: 5, turnover: 100).Steps);
            Assert.Equal(0, step.AmountCents);
            return Assert.Single(step.LimitedBy);
        }
    }

    [Fact]
    public void a_size_that_was_not_given_counts_as_within_the_limit() =>
        Assert.Equal([500_00], Amounts(Decide(1_000_00, [Offer(Terms with { MaxHeadcount = 1, MaxTurnoverCents = 1 })])));

    [Fact]
    public void a_programme_the_business_is_not_eligible_for_does_not_lower_the_ceiling_but_one_with_a_minimum_spend_does()
    {
        var stingy = Terms with { IntensityCeilingBps = 1_000, RateBps = 100, Priority = 1 };

        Assert.Equal([0, 500_00], Amounts(Decide(1_000_00, [Offer(stingy with { Territories = ["59"] }), Offer(Terms)])));
        Assert.Equal([0, 100_00], Amounts(Decide(1_000_00, [Offer(stingy with { MinSpendCents = 1_000_01 }), Offer(Terms)])));
    }

    [Fact]
    public void every_limit_that_lowers_what_the_ones_before_it_left_is_named_in_order()
    {
        var decision = Decide(1_000_00, [Offer(Terms with { CapCents = 400_00, IntensityCeilingBps = 2_000 }, used: 50_00, available: 300_00)]);

        Assert.Equal([200_00], Amounts(decision));
        Assert.Equal(["cap-reached", "envelope-exhausted", "intensity-ceiling"], decision.Steps[0].LimitedBy);
    }

    [Fact]
    public void other_public_aid_on_the_same_costs_takes_room()
    {
        Assert.Equal([300_00], Amounts(Decide(1_000_00, [Offer(Terms with { IntensityCeilingBps = 8_000 })], other: 500_00)));
        Assert.Equal([0], Amounts(Decide(1_000_00, [Offer(Terms with { IntensityCeilingBps = 8_000 })], other: 900_00)));
    }

    [Fact]
    public void parts_come_by_priority_and_then_in_the_order_of_the_pool()
    {
        ProgrammeTerms[] terms = [.. new[] { 3, 1, 3, 2 }.Select(p => Terms with { Id = Guid.CreateVersion7(), Priority = p })];

        Assert.Equal(new[] { 1, 3, 0, 2 }.Select(i => terms[i].Id), Decide(1_00, [.. terms.Select(t => Offer(t))]).Steps.Select(s => s.ProgrammeId));
    }

    [Fact]
    public void amounts_do_not_overflow() =>
        Assert.Equal([long.MaxValue / 2], Amounts(Decide(long.MaxValue, [Offer(Terms)])));

    private static Offer[] RegionAndCity(bool deMinimis = false) => [
        Offer(Terms with { RateBps = 5_000, Priority = 1, IntensityCeilingBps = 8_000, DeMinimis = deMinimis }),
        Offer(Terms with { RateBps = 4_000, Priority = 2, IntensityCeilingBps = 8_000, DeMinimis = deMinimis }),
    ];

    private static Offer Offer(ProgrammeTerms terms, long used = 0, long available = long.MaxValue) => new(terms, used, available);

    private static AidDecision Decide(long net, Offer[] offers, long prior = 0, long other = 0, int? headcount = null, long? turnover = null) =>
        Aid.Decide(new AidInput(Now, "antivirus", "62", headcount, turnover, net, other, prior, offers));

    private static long[] Amounts(AidDecision decision) => decision.Steps.Select(s => s.AmountCents).ToArray();
}
