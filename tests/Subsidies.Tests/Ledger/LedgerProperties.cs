using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Ledger;
using Replay = Marketplace.Subsidies.Ledger.Replay;

namespace Marketplace.Subsidies.Tests.Ledger;

/// <summary>The rules of the ledger that need no database, on random entries.</summary>
public sealed class LedgerProperties
{
    private static readonly string[] Stages = [Accounts.Granted, Accounts.Committed, Accounts.ServiceDone, Accounts.Ordered, Accounts.Paid];

    [Fact]
    public void whatever_was_written_replays_intact_and_balanced() => Check(random =>
    {
        var entries = Chain(random);
        var replay = Replayed(entries, entries.Count, entries.Count == 0 ? new byte[32] : entries[^1].Hash);
        return replay.FirstBroken is null && replay.Entries == entries.Count && replay.Balances.GroupBy(b => b.Key.ProgrammeId).All(g => g.Sum(b => b.Value) == 0)
            && replay.Balances.All(b => b.Value == entries.Where(e => e.ProgrammeId == b.Key.ProgrammeId)
                .Sum(e => (e.DebitAccount == b.Key.Account ? e.AmountCents : 0) - (e.CreditAccount == b.Key.Account ? e.AmountCents : 0)));
    });

    [Fact]
    public void whatever_is_changed_removed_swapped_or_added_is_named_as_the_first_broken_entry() => Check(random =>
    {
        var entries = Chain(random);
        if (entries.Count < 2)
        {
            return true;
        }

        var (count, last, at) = (entries.Count, entries[^1].Hash, random.Next(entries.Count - 1));
        var entry = entries[at];
        switch (random.Next(8))
        {
            case 0:
                entries[at] = entry with { AmountCents = entry.AmountCents + 1 };
                break;
            case 1:
                entries[at] = entry with { DebitAccount = entry.CreditAccount, CreditAccount = entry.DebitAccount };
                break;
            case 2:
                entries[at] = entry with { Note = entry.Note + "|" };
                break;
            case 3:
                entries[at] = entry with { At = entry.At.AddMicroseconds(1) };
                break;
            case 4:
                entries.RemoveAt(at);
                break;
            case 5:
                (entries[at], entries[at + 1]) = (entries[at + 1], entries[at]);
                break;
            case 6:
                // Written again with a right hash of its own: the next one does not follow from it any more.
                var forged = entry with { Reference = Guid.CreateVersion7() };
                entries[at] = forged with { Hash = forged.ToLedgerEntry().HashAfter(forged.PreviousHash) };
                return Replayed(entries, count, last).FirstBroken == at + 2;
            default:
                entries.RemoveAt(entries.Count - 1);
                return Replayed(entries, count, last).FirstBroken == count;
        }

        return Replayed(entries, count, last).FirstBroken == at + 1;
    });

    [Fact]
    public void moving_an_amount_between_two_stages_changes_what_those_two_hold_and_no_other() => Check(random =>
    {
        var (from, to) = (random.Next(Stages.Length), random.Next(Stages.Length));
        if (from == to)
        {
            return true;
        }

        // Cumulative amounts in falling order; a stage holds what did not go on to the next.
        var held = Stages.Select(_ => random.NextInt64(100)).ToArray();
        var cents = random.NextInt64(held[from] + 1);
        var step = new Step(Stages[from], Stages[to], GrantStatus.Paid, "any");
        var before = Stages.Select((_, i) => held[i..].Sum()).ToArray();
        var after = Stages.Select((stage, i) => before[i] + cents * MoveAid.Sign(stage, step)).ToArray();
        var holds = Stages.Select((_, i) => after[i] - (i + 1 < after.Length ? after[i + 1] : 0)).ToArray();
        return holds.Select((h, i) => h - held[i]).SequenceEqual(Stages.Select((_, i) => i == from ? -cents : i == to ? cents : 0)) && after.Zip(after.Skip(1)).All(p => p.First >= p.Second);
    });

    [Fact]
    public void a_claim_leaves_every_stage_where_it_is() =>
        Assert.All(Stages, stage => Assert.Equal(0, MoveAid.Sign(stage, new Step(Accounts.Paid, Accounts.Recovered, GrantStatus.Recovered, "recovered"))));

    private static void Check(Func<Random, bool> holds) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(1_000), Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => holds(new Random(seed))));

    private static Replay Replayed(IEnumerable<ReadLedger.Row> entries, long count, byte[] last)
    {
        var replay = new Replay();
        foreach (var entry in entries)
        {
            replay.Add(entry);
        }

        replay.End(count, last);
        return replay;
    }

    private static List<ReadLedger.Row> Chain(Random random)
    {
        var (rows, hash) = (new List<ReadLedger.Row>(), new byte[32]);
        Guid[] programmes = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        for (var sequence = 1; sequence <= random.Next(1, 12); sequence++)
        {
            var accounts = Accounts.All.ToArray();
            random.Shuffle(accounts);
            var entry = new LedgerEntry(
                sequence, new DateTime(2026, 11, 22, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(random.NextInt64(1_000_000_000)), programmes[random.Next(2)], accounts[0], accounts[1],
                random.NextInt64(1, 1_000_000_00), "any", Guid.CreateVersion7(), random.Next(2) == 0 ? null : Guid.CreateVersion7(), null, null, random.Next(2) == 0 ? null : "é|ü");
            var previous = hash;
            hash = entry.HashAfter(previous);
            rows.Add(new ReadLedger.Row(
                entry.Sequence, entry.At, entry.ProgrammeId, entry.DebitAccount, entry.CreditAccount, entry.AmountCents, entry.Reason, entry.Reference, entry.Document, entry.Reverses, entry.Actor,
                entry.Note, previous, hash));
        }

        return rows;
    }
}
