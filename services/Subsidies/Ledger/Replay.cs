using System.Runtime.InteropServices;

namespace Marketplace.Subsidies.Ledger;

/// <summary>Goes through the entries from the first to the last: the chain, and what every account comes to. Pure.</summary>
public sealed class Replay
{
    private readonly Dictionary<(Guid ProgrammeId, string Account), long> balances = [];
    private byte[] hash = new byte[32];
    private long sequence;

    /// <summary>How many entries there were.</summary>
    public long Entries { get; private set; }

    /// <summary>Sequence of the first entry that is missing, or not what was written; null while all are right.</summary>
    public long? FirstBroken { get; private set; }

    /// <summary>What is wrong with it.</summary>
    public string? Reason { get; private set; }

    /// <summary>Debits less credits by account, in cents.</summary>
    public IReadOnlyDictionary<(Guid ProgrammeId, string Account), long> Balances => balances;

    /// <summary>Adds the next entry. After the first broken one only the balances are still added up.</summary>
    public void Add(ReadLedger.Row row)
    {
        Entries++;
        CollectionsMarshal.GetValueRefOrAddDefault(balances, (row.ProgrammeId, row.DebitAccount), out _) += row.AmountCents;
        CollectionsMarshal.GetValueRefOrAddDefault(balances, (row.ProgrammeId, row.CreditAccount), out _) -= row.AmountCents;
        if (FirstBroken is not null)
        {
            return;
        }

        if (row.Sequence != sequence + 1)
        {
            Break(sequence + 1, "The entry is missing.");
        }
        else if (!row.PreviousHash.AsSpan().SequenceEqual(hash))
        {
            Break(row.Sequence, "It does not follow from the entry before it.");
        }
        else if (!row.ToLedgerEntry().HashAfter(hash).AsSpan().SequenceEqual(row.Hash))
        {
            Break(row.Sequence, "Its content is not what was written.");
        }

        (sequence, hash) = (row.Sequence, row.Hash);
    }

    /// <summary>No more entries: compares with where the chain is known to end.</summary>
    public void End(long lastSequence, byte[] lastHash)
    {
        if (FirstBroken is not null)
        {
            return;
        }

        if (sequence != lastSequence)
        {
            Break(Math.Min(sequence, lastSequence) + 1, sequence < lastSequence ? "The entry is missing." : "The entry is none that was written.");
        }
        else if (!hash.AsSpan().SequenceEqual(lastHash))
        {
            Break(sequence, "Its content is not what was written.");
        }
    }

    private void Break(long at, string reason) => (FirstBroken, Reason) = (at, reason);
}
