using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.Reconciliation;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>
/// Whatever a bank may book, in whatever order: nothing is paid twice, nothing more than was ordered, and the transfers
/// do not disturb each other.
/// </summary>
public sealed class AnyStatement
{
    private sealed record Booking(int Transfer, long Cents);

    private static readonly long[] Amounts = [100, 60, 40, 200, -100, -60, -40];

    [Fact]
    public void no_more_is_paid_than_was_ordered_whatever_the_bank_books() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var (transfers, bookings) = Town(new Random(seed));
        var known = new KnownTransfers(transfers);
        var paid = new Dictionary<Guid, long>();
        foreach (var booking in bookings)
        {
            var match = known.Take(booking.Cents, booking.Cents < 0, transfers[booking.Transfer].EndToEndId, null);
            var id = transfers[booking.Transfer].Id;
            paid[id] = match.Effect switch
            {
                Effect.Pay => paid.GetValueOrDefault(id) + match.Transfer!.AmountCents,
                Effect.Reopen => 0,
                _ => paid.GetValueOrDefault(id),
            };
        }

        return known.All.All(t =>
            paid.GetValueOrDefault(t.Id) == (t.Status == "paid" ? t.AmountCents : 0)
            && (t.Status != "paid" || t.DebitedCents >= t.AmountCents)
            && (t.Status != "rejected" || t.ReturnedCents > 0)
            && t.DebitedCents == bookings.Where(b => transfers[b.Transfer].Id == t.Id && b.Cents > 0).Sum(b => b.Cents)
            && t.ReturnedCents == bookings.Where(b => transfers[b.Transfer].Id == t.Id && b.Cents < 0).Sum(b => -b.Cents));
    }));

    [Fact]
    public void the_order_of_lines_of_different_transfers_does_not_matter() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
    {
        var random = new Random(seed);
        var (transfers, bookings) = Town(random);
        var shuffled = bookings.Select((b, i) => (b, Key: random.Next(), i)).GroupBy(x => x.b.Transfer)
            .SelectMany(g => g.Select(x => x.Key).Order().Zip(g.OrderBy(x => x.i), (key, x) => (key, x.b))).OrderBy(x => x.key).Select(x => x.b).ToList();
        return Ends(transfers, bookings).SetEquals(Ends(transfers, shuffled));
    }));

    [Fact]
    public void a_payment_and_its_return_end_the_same_in_either_order() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(Arb.From(Gen.Choose(0, 3)), debits =>
    {
        var (transfers, _) = Town(new Random(debits));
        var lines = Enumerable.Repeat(new Booking(0, 100), debits).Concat(Enumerable.Repeat(new Booking(0, -100), debits)).ToList();
        return Ends(transfers, lines).SetEquals(Ends(transfers, [.. lines.AsEnumerable().Reverse()]));
    }));

    private static HashSet<(Guid, string, long, long)> Ends(IReadOnlyList<Transfer> transfers, IReadOnlyList<Booking> bookings)
    {
        var known = new KnownTransfers(transfers);
        foreach (var booking in bookings)
        {
            known.Take(booking.Cents, booking.Cents < 0, transfers[booking.Transfer].EndToEndId, null);
        }

        return [.. known.All.Select(t => (t.Id, t.Status, t.DebitedCents, t.ReturnedCents))];
    }

    private static (IReadOnlyList<Transfer> Transfers, IReadOnlyList<Booking> Bookings) Town(Random random)
    {
        var transfers = Enumerable.Range(0, 3).Select(i => new Transfer(
            Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7(), "ordered", new DateOnly(2026, 11, 22), $"E2E-{i}", "FR7630006000011234567890189", 100, 0, 0, true)).ToList();
        return (transfers, Enumerable.Range(0, random.Next(1, 12)).Select(_ => new Booking(random.Next(3), Amounts[random.Next(Amounts.Length)])).ToList());
    }
}
