using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.Grants;
using Outcome = Marketplace.Subsidies.Grants.Outcome;

namespace Marketplace.Subsidies.Tests;

/// <summary>
/// Random towns with scarce envelopes, caps and linked businesses: whatever is placed, released and granted, no limit is
/// exceeded, and the recomputation ends where another one would move nothing.
/// </summary>
public sealed class Recomputing
{
    private static readonly DateTime Now = new(2026, 11, 22, 10, 0, 0, DateTimeKind.Utc);
    private static readonly string[] Sirens = ["1", "2", "3", "4", "5"];

    [Fact]
    public void whatever_returns_every_limit_holds_and_the_recomputation_settles() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => Holds(new Random(seed))));

    private static bool Holds(Random random)
    {
        var terms = Enumerable.Range(0, 3).Select(i => new ProgrammeTerms(
            Guid.CreateVersion7(), "Ville", random.Next(1, 11) * 1_000, random.Next(2) == 0 ? null : random.Next(1, 40_000), 36, random.Next(3) == 0 ? 5_000 : 0, null,
            ["antivirus"], ["62"], null, null, random.Next(5, 11) * 1_000, i, random.Next(2) == 0, Now.AddYears(-1), Now.AddYears(1))).ToList();
        var budgets = terms.ToDictionary(t => t.Id, _ => (long)random.Next(1, 100_000));
        string[][] undertakings = [["1", "2"], ["3"], ["4"], ["5"]];
        var book = new Book(
            terms.Select(t => (t, budgets[t.Id])),
            undertakings.SelectMany(u => u.SelectMany(root => u.Select(member => (root, member)))).ToLookup(x => x.root, x => x.member),
            [],
            random.Next(2) == 0 ? [] : [new DeclaredAid("1", DateOnly.FromDateTime(Now), 30_000_000 - random.Next(1, 60_000))]);

        var live = new Dictionary<Guid, Outcome>();
        for (var i = 0; i < 30; i++)
        {
            var commitment = new Commitment(
                Guid.CreateVersion7(), Guid.Empty, Sirens[random.Next(Sirens.Length)], "62", 5, null, "antivirus",
                terms.Where(_ => random.Next(4) > 0).Select(t => t.Id).ToArray(), random.Next(1, 100_000), Now.AddMinutes(i - 60), 1, Commitment.Reserved, 1);
            Take(commitment, book.Compute(commitment, commitment.NetCents, Now));
            if (random.Next(3) > 0)
            {
                continue;
            }

            var chosen = live.Values.ElementAt(random.Next(live.Count)).Commitment;
            book.Return(chosen);
            live.Remove(chosen.Id);
            if (random.Next(2) == 0)
            {
                var granted = chosen with { Status = Commitment.Granted };
                Take(granted, book.Compute(granted, chosen.NetCents * 9 / 10, Now));
            }

            foreach (var (id, outcome) in RecomputeReservations.UntilNothingMoves(book, Cut(), Now, out var settled))
            {
                Assert.True(settled);
                live[id] = outcome;
            }

            Assert.Empty(RecomputeReservations.UntilNothingMoves(book, Cut(), Now, out _));
        }

        var amounts = live.Values.SelectMany(o => o.Calculation!.Decision.Steps.Select(s => (o.Commitment.Siren, s.ProgrammeId, s.AmountCents, o.Calculation.Decision.RoomCents))).ToList();
        foreach (var movement in book.Movements)
        {
            Assert.Equal(amounts.Where(a => a.ProgrammeId == movement.ProgrammeId).Sum(a => a.AmountCents), movement.ReservedCents + movement.GrantedCents);
            Assert.InRange(movement.ReservedCents + movement.GrantedCents, 0, budgets[movement.ProgrammeId]);
        }

        Assert.All(amounts.GroupBy(a => (a.Siren, a.ProgrammeId)), g => Assert.True(g.Sum(a => a.AmountCents) <= (terms.Single(t => t.Id == g.Key.ProgrammeId).CapCents ?? long.MaxValue)));
        Assert.All(live.Values, o => Assert.True(o.Calculation!.Decision.Steps.Sum(s => s.AmountCents) <= o.Calculation.Decision.RoomCents));
        Assert.All(Sirens, s => Assert.InRange(book.PriorDeMinimisCents(s, Now), 0, Aid.DeMinimisCeilingCents));
        return true;

        void Take(Commitment commitment, Calculation calculation)
        {
            book.Take(commitment, calculation.Decision, Now);
            live[commitment.Id] = new Outcome(commitment, calculation, Now);
        }

        List<Commitment> Cut() => live.Values
            .Where(o => o.Commitment.Status == Commitment.Reserved && o.Calculation!.Decision.Steps.Any(s => s.LimitedBy.Contains(Limits.Envelope)))
            .Select(o => o.Commitment).OrderBy(c => c.JoinedAt).ToList();
    }
}
