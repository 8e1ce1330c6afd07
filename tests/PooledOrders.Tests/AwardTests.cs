using Marketplace.Events.Catalog;
using Marketplace.PooledOrders.Checkout;
using Marketplace.PooledOrders.Closing;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Tests;

/// <summary>DOMAIN §2.1 and §2.2: the worked examples, and thousands of random pools against a model written differently.</summary>
public sealed class AwardTests
{
    private static readonly PriceTier[] Tiers = [new(10, 24_000), new(20, 21_000), new(50, 18_000)];

    [Fact]
    public void tolerance_units_bring_the_deepest_tier_when_nobody_pays_more_for_it()
    {
        Bid[] bids = [Of(20, 2), Of(15, 2), Of(12, 1)];

        var award = Award.Decide(new PriceLadder(Tiers, 10), bids)!;

        Assert.Equal(18_000, award.UnitPriceCents);
        Assert.Equal([21, 16, 13], award.Served.Select(s => s.Quantity));
        Assert.Equal([378_000, 288_000, 234_000], award.Served.Select(s => s.Quantity * award.UnitPriceCents));
        Assert.Equal(900_000, award.Served.Sum(s => s.Quantity * award.UnitPriceCents));
        Assert.Empty(award.Released);
    }

    [Fact]
    public void a_commitment_whose_limit_the_award_does_not_meet_is_released()
    {
        Bid[] bids = [Of(20), Of(15, limit: 20_000), Of(12)];

        var award = Award.Decide(new PriceLadder(Tiers, 10), bids)!;

        Assert.Equal(21_000, award.UnitPriceCents);
        Assert.Equal(32, award.Served.Sum(s => s.Quantity));
        Assert.Equal([bids[1].Id], award.Released);
    }

    [Fact]
    public void too_little_demand_fails_the_pool() => Assert.Null(Award.Decide(new PriceLadder(Tiers, 10), [Of(9)]));

    [Fact]
    public void a_pool_without_commitments_fails() => Assert.Null(Award.Decide(new PriceLadder(Tiers, 10), []));

    [Fact]
    public void below_the_first_tier_the_tolerance_itself_is_the_consent()
    {
        var award = Award.Decide(new PriceLadder(Tiers, 10), [Of(8, 3)])!;

        Assert.Equal((24_000, 10), (award.UnitPriceCents, award.Served.Single().Quantity));
    }

    [Fact]
    public void a_tier_that_costs_a_receiver_more_is_not_awarded()
    {
        // 45 at 210.00 are 9 450.00; 50 at 180.00 are 9 000.00 in all, but the one who takes all five extra pays more.
        Bid[] bids = [Of(40), Of(5, 5)];

        var award = Award.Decide(new PriceLadder(Tiers, 10), bids)!;

        Assert.Equal(21_000, award.UnitPriceCents);
        Assert.Equal([40, 5], award.Served.Select(s => s.Quantity));
    }

    [Fact]
    public void a_raised_minimum_holds_for_every_tier()
    {
        Assert.Null(Award.Decide(new PriceLadder(Tiers, 30), [Of(25)]));
        Assert.Equal(21_000, Award.Decide(new PriceLadder(Tiers, 30), [Of(30)])!.UnitPriceCents);
    }

    [Fact]
    public void short_delivery_is_shared_by_largest_remainder() => Assert.Equal([13, 9, 8], LargestRemainder.Share(30, [20, 15, 12]));

    [Fact]
    public void vat_rounds_half_up()
    {
        Assert.Equal(1, Amounts.Vat(3, 2_000));
        Assert.Equal(0, Amounts.Vat(2, 2_000));
        Assert.Equal(20_000, Amounts.Vat(100_001, 2_000));
        Assert.Equal(45_001, new Amounts(100_001, 20_000, 75_000).PayableCents);
    }

    [Fact]
    public void ten_thousand_random_pools_are_awarded_as_the_brute_force_model_says()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 10_000; round++)
        {
            var (ladder, bids) = RandomPool(random);

            var award = Award.Decide(ladder, bids);
            var expected = BruteForce.Award(ladder.Tiers.Select(t => (t.MinQuantity, t.UnitPriceCents)).ToList(), ladder.MinQuantity, bids);

            Assert.Equal(expected?.Price, award?.UnitPriceCents);
            if (award is null)
            {
                continue;
            }

            Assert.Equal(expected!.Value.Allocated, bids.Select(b => award.Served.SingleOrDefault(s => s.Id == b.Id).Quantity));
            HoldsItsInvariants(ladder, bids, award);
        }
    }

    [Fact]
    public void shares_always_add_up_and_stay_within_the_weights()
    {
        var random = new Random(7);
        for (var round = 0; round < 10_000; round++)
        {
            var weights = Enumerable.Range(0, random.Next(1, 12)).Select(_ => random.Next(0, 40)).ToArray();
            var total = random.Next(0, weights.Sum() + 1);

            var shares = LargestRemainder.Share(total, weights);

            Assert.Equal(total, shares.Sum());
            Assert.All(shares.Zip(weights), pair => Assert.InRange(pair.First, 0, pair.Second));
            Assert.Equal(BruteForce.Share(total, weights), shares);
        }
    }

    private static void HoldsItsInvariants(PriceLadder ladder, IReadOnlyList<Bid> bids, Award award)
    {
        var byId = bids.ToDictionary(b => b.Id);
        Assert.True(award.Served.Sum(s => s.Quantity) >= ladder.MinQuantity);
        Assert.All(award.Served, s => Assert.InRange(s.Quantity, byId[s.Id].Quantity, byId[s.Id].Quantity + byId[s.Id].Tolerance));
        Assert.All(award.Served, s => Assert.True(byId[s.Id].PriceLimitCents is null || byId[s.Id].PriceLimitCents >= award.UnitPriceCents));
        Assert.Equal(bids.Count, award.Served.Count + award.Released.Count);
    }

    private static (PriceLadder Ladder, List<Bid> Bids) RandomPool(Random random)
    {
        var quantity = random.Next(1, 20);
        var price = random.Next(5_000, 30_000);
        var tiers = new List<PriceTier>();
        for (var i = random.Next(1, 5); i > 0; i--)
        {
            tiers.Add(new PriceTier(quantity, price));
            quantity += random.Next(1, 40);
            price -= random.Next(1, Math.Max(2, price / 4));
        }

        var minimum = random.Next(3) == 0 ? tiers[0].MinQuantity + random.Next(0, 30) : tiers[0].MinQuantity;
        var bids = Enumerable.Range(0, random.Next(0, 9))
            .Select(_ => Of(random.Next(1, 25), random.Next(2) == 0 ? 0 : random.Next(0, 6), random.Next(3) == 0 ? tiers[random.Next(tiers.Count)].UnitPriceCents + random.Next(-300, 300) : null))
            .ToList();
        return (new PriceLadder(tiers, minimum), bids);
    }

    private static Bid Of(int quantity, int tolerance = 0, long? limit = null) => new(Guid.CreateVersion7(), quantity, tolerance, limit);
}

/// <summary>The closing told another way: unit by unit and with fractions, no shared code.</summary>
internal static class BruteForce
{
    public static (long Price, int[] Allocated)? Award(List<(int Quantity, long Price)> tiers, int minimum, IReadOnlyList<Bid> bids)
    {
        for (var k = tiers.Count - 1; k >= 0; k--)
        {
            var price = tiers[k].Price;
            var inside = bids.Select(b => (b.PriceLimitCents ?? long.MaxValue) >= price).ToArray();
            int total = 0, spare = 0;
            for (var i = 0; i < bids.Count; i++)
            {
                total += inside[i] ? bids[i].Quantity : 0;
                spare += inside[i] ? bids[i].Tolerance : 0;
            }

            var threshold = tiers[k].Quantity > minimum ? tiers[k].Quantity : minimum;
            if (total + spare < threshold)
            {
                continue;
            }

            var extra = Share(threshold > total ? threshold - total : 0, bids.Select((b, i) => inside[i] ? b.Tolerance : 0).ToArray());
            long? reached = null;
            foreach (var (quantity, tierPrice) in tiers)
            {
                reached = quantity <= total ? tierPrice : reached;
            }

            var fair = true;
            for (var i = 0; i < bids.Count && reached is not null; i++)
            {
                fair &= extra[i] == 0 || (bids[i].Quantity + extra[i]) * price <= bids[i].Quantity * reached.Value;
            }

            if (fair)
            {
                return (price, bids.Select((b, i) => inside[i] ? b.Quantity + extra[i] : 0).ToArray());
            }
        }

        return null;
    }

    public static int[] Share(int total, int[] weights)
    {
        var sum = weights.Sum();
        var shares = new int[weights.Length];
        if (sum == 0)
        {
            return shares;
        }

        for (var i = 0; i < weights.Length; i++)
        {
            shares[i] = (int)Math.Floor((decimal)total * weights[i] / sum);
        }

        while (shares.Sum() < total)
        {
            var best = -1;
            for (var i = 0; i < weights.Length; i++)
            {
                var isUnserved = shares[i] == (int)Math.Floor((decimal)total * weights[i] / sum);
                if (isUnserved && (best < 0 || Remainder(i) > Remainder(best)))
                {
                    best = i;
                }
            }

            shares[best]++;
        }

        return shares;

        int Remainder(int i) => (int)((long)total * weights[i] % sum);
    }
}
