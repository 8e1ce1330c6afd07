using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.Grants;

namespace Marketplace.Subsidies.Tests;

/// <summary>
/// The aid against a second reading of DOMAIN §5: no floor and no minimum, but the largest whole amount, found by
/// bisection, that satisfies the conditions as inequalities in exact integers.
/// </summary>
public sealed class AidModel
{
    private static readonly DateTime Now = new(2026, 11, 22, 10, 0, 0, DateTimeKind.Utc);
    private static readonly Config Thousands = Config.QuickThrowOnFailure.WithMaxTest(5_000);

    [Fact]
    public void the_decision_agrees_with_the_inequalities() => Check.One(Thousands, Prop.ForAll(Inputs(), input =>
    {
        var decision = Aid.Decide(input);
        var model = Model(input);
        return decision.Steps.Count == input.Offers.Count
            && decision.Steps.All(s => model[s.ProgrammeId].Amount == s.AmountCents && model[s.ProgrammeId].Names.SequenceEqual(s.LimitedBy));
    }));

    [Fact]
    public void no_limit_is_ever_exceeded() => Check.One(Thousands, Prop.ForAll(Inputs(), input =>
    {
        var decision = Aid.Decide(input);
        var offers = input.Offers.ToDictionary(o => o.Terms.Id);
        var deMinimis = decision.Steps.Where(s => offers[s.ProgrammeId].Terms.DeMinimis).Sum(s => s.AmountCents);
        return decision.Steps.Sum(s => s.AmountCents) <= decision.RoomCents
            && decision.RoomCents <= input.NetCents
            && (deMinimis == 0 || input.PriorDeMinimisCents + deMinimis <= Aid.DeMinimisCeilingCents)
            && decision.Steps.All(s =>
            {
                var (terms, used, available) = offers[s.ProgrammeId];
                return s.AmountCents >= 0
                    && (s.AmountCents == 0 || s.AmountCents <= available)
                    && (s.AmountCents == 0 || terms.CapCents is null || used + s.AmountCents <= terms.CapCents)
                    && (BigInteger)s.AmountCents * 10_000 <= (BigInteger)input.NetCents * terms.RateBps
                    && (s.AmountCents > 0 || s.RawCents == 0 || s.LimitedBy.Length > 0);
            });
    }));

    [Fact]
    public void a_frozen_input_gives_the_same_figure_again() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Inputs(), input =>
    {
        var options = Platform.Requests.Json.Options;
        var stored = System.Text.Json.JsonSerializer.Serialize(new Calculation(input, Aid.Decide(input)), options);
        var read = System.Text.Json.JsonSerializer.Deserialize<Calculation>(stored, options)!;
        return System.Text.Json.JsonSerializer.Serialize(new Calculation(read.Inputs, Aid.Decide(read.Inputs)), options) == stored;
    }));

    private static Dictionary<Guid, (long Amount, List<string> Names)> Model(AidInput input)
    {
        var present = input.Offers.ToList();
        var result = Parts(input, present);
        var newDeMinimis = input.Offers.Where(o => o.Terms.DeMinimis).Aggregate(BigInteger.Zero, (sum, o) => sum + result[o.Terms.Id].Amount);
        if (newDeMinimis + input.PriorDeMinimisCents <= 30_000_000)
        {
            return result;
        }

        present.RemoveAll(o => o.Terms.DeMinimis);
        result = Parts(input, present);
        foreach (var offer in input.Offers.Where(o => o.Terms.DeMinimis))
        {
            result[offer.Terms.Id] = (0, ["de-minimis-ceiling"]);
        }

        return result;
    }

    private static Dictionary<Guid, (long Amount, List<string> Names)> Parts(AidInput input, List<Offer> present)
    {
        var ceiling = 10_000;
        foreach (var offer in present)
        {
            if (Failing(input, offer.Terms).Count == 0 && offer.Terms.IntensityCeilingBps < ceiling)
            {
                ceiling = offer.Terms.IntensityCeilingBps;
            }
        }

        var result = new Dictionary<Guid, (long, List<string>)>();
        BigInteger given = 0;
        foreach (var index in Enumerable.Range(0, present.Count).OrderBy(i => (present[i].Terms.Priority, i)))
        {
            var (terms, used, available) = present[index];
            var failing = Failing(input, terms);
            if (failing.Count > 0 || input.NetCents < terms.MinSpendCents)
            {
                result[terms.Id] = (0, [failing.Count > 0 ? failing[0] : "below-minimum-spend"]);
                continue;
            }

            var conditions = new List<(string? Name, Func<BigInteger, bool> Holds)>
            {
                (null, a => a * 10_000 <= (BigInteger)input.NetCents * terms.RateBps && (terms.MaxBaseCents is not { } most || a * 10_000 <= (BigInteger)most * terms.RateBps)),
                ("cap-reached", a => terms.CapCents is not { } cap || used + a <= cap),
                ("envelope-exhausted", a => a <= available),
                ("intensity-ceiling", a => given + a <= 0 || (given + a + input.OtherPublicAidCents) * 10_000 <= (BigInteger)input.NetCents * ceiling),
            };
            var names = new List<string>();
            BigInteger? amount = null;
            for (var count = 1; count <= conditions.Count; count++)
            {
                var largest = Largest(a => conditions.Take(count).All(c => c.Holds(a)));
                if (amount is not null && largest < amount)
                {
                    names.Add(conditions[count - 1].Name!);
                }

                amount = largest;
            }

            var part = amount!.Value < 0 ? 0 : (long)amount.Value;
            given += part;
            result[terms.Id] = (part, names);
        }

        return result;
    }

    private static List<string> Failing(AidInput input, ProgrammeTerms terms)
    {
        var failing = new List<string>();
        if (Array.IndexOf(terms.Categories, input.Category) < 0)
        {
            failing.Add("not-eligible-category");
        }

        if (Array.IndexOf(terms.Territories, input.Departement) < 0)
        {
            failing.Add("not-eligible-territory");
        }

        if (input.Headcount is { } headcount && terms.MaxHeadcount is { } staff && staff < headcount)
        {
            failing.Add("not-eligible-headcount");
        }

        if (input.TurnoverCents is { } turnover && terms.MaxTurnoverCents is { } most && most < turnover)
        {
            failing.Add("not-eligible-turnover");
        }

        if (!(terms.ValidFrom <= input.At && input.At < terms.ValidUntil))
        {
            failing.Add("not-in-force");
        }

        return failing;
    }

    private static BigInteger Largest(Func<BigInteger, bool> holds)
    {
        BigInteger low = -(BigInteger.One << 70);
        BigInteger high = BigInteger.One << 70;
        while (high - low > 1)
        {
            var middle = (low + high) >> 1;
            (low, high) = holds(middle) ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>Amounts small enough that limits meet each other, now and then very large; few values for what must coincide.</summary>
    private static Arbitrary<AidInput> Inputs()
    {
        var cents = Gen.Frequency((6, Gen.Choose(0, 60).Select(n => (long)n)), (6, Gen.Choose(0, 200_000).Select(n => (long)n)), (1, Gen.Choose(0, 1_000_000).Select(n => n * 1_000_000L)));
        var optional = Gen.Frequency((1, Gen.Constant((long?)null)), (2, cents.Select(c => (long?)(c + 1))));
        var bps = Gen.OneOf(Gen.Choose(1, 10_000), Gen.Elements(3_333, 5_000, 8_000, 10_000));
        var category = Gen.Frequency((9, Gen.Constant("antivirus")), (1, Gen.Constant("audit")));
        var size = Gen.Frequency((2, Gen.Constant((int?)null)), (1, Gen.Choose(1, 4).Select(n => (int?)n)));
        var offer =
            from rate in bps
            from cap in optional
            from used in cents
            from available in cents
            from minimum in Gen.Frequency((2, Gen.Constant(0L)), (1, cents))
            from most in optional
            from c in category
            from staff in size
            from turnover in size
            from ceiling in bps
            from priority in Gen.Choose(1, 3)
            from deMinimis in Gen.Elements(true, false)
            from days in Gen.Frequency((9, Gen.Constant(1)), (1, Gen.Choose(-1, 0)))
            select new Offer(
                new ProgrammeTerms(
                    Guid.CreateVersion7(), "Ville", rate, cap, 36, minimum, most, [c], ["62"], staff, turnover, ceiling, priority, deMinimis, Now.AddYears(-1), Now.AddDays(days)),
                used, available);
        return Arb.From(
            from c in category
            from departement in Gen.Frequency((9, Gen.Constant("62")), (1, Gen.Constant("59")))
            from staff in size
            from turnover in size
            from net in cents
            from other in Gen.Frequency((2, Gen.Constant(0L)), (1, cents))
            from prior in Gen.OneOf(Gen.Constant(0L), cents.Select(x => Math.Max(0, 30_000_000 - x)), cents)
            from count in Gen.Choose(0, 5)
            from offers in Gen.ArrayOf(offer, count)
            select new AidInput(Now, c, departement, staff, turnover, net, other, prior, offers));
    }
}
