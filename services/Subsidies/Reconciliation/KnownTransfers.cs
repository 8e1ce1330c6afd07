using Marketplace.Subsidies.PaymentRuns;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// The transfers that a batch of movements may belong to, as they stand after the movements so far. In memory only; no I/O.
/// </summary>
public sealed class KnownTransfers
{
    private static readonly Comparer<Transfer> OldestFirst = Comparer<Transfer>.Create((a, b) =>
        (a.ExecutionDate, a.EndToEndId).CompareTo((b.ExecutionDate, b.EndToEndId)) is not 0 and var order ? order : a.Id.CompareTo(b.Id));

    private readonly Dictionary<string, Transfer> byEndToEndId = [];
    private readonly Dictionary<(string Iban, long Cents), SortedSet<Transfer>> outstanding = [];
    private readonly Dictionary<(string Iban, long Cents), SortedSet<Transfer>> left = [];

    /// <summary>Begins with what is stored.</summary>
    public KnownTransfers(IEnumerable<Transfer> stored)
    {
        foreach (var transfer in stored.DistinctBy(t => t.Id))
        {
            Add(transfer);
        }
    }

    /// <summary>As they stand now.</summary>
    public IEnumerable<Transfer> All => byEndToEndId.Values;

    /// <summary>Decides on a movement (<see cref="Matching.Decide(long, bool, Transfer?, Transfer?)"/>) and remembers what it did.</summary>
    public Match Take(long amountCents, bool isReturn, string? endToEndId, string? iban)
    {
        var named = endToEndId is null ? null : byEndToEndId.GetValueOrDefault(endToEndId);
        var match = Matching.Decide(amountCents, isReturn, named, named is null && iban is not null ? Alike(iban, amountCents) : null);
        if (match.Transfer is { } after)
        {
            Remove(byEndToEndId[after.EndToEndId]);
            Add(after);
        }

        return match;
    }

    private Transfer? Alike(string iban, long amountCents) =>
        amountCents > 0 ? outstanding.GetValueOrDefault((iban, amountCents))?.Min : left.GetValueOrDefault((iban, -amountCents))?.Max;

    private void Add(Transfer transfer)
    {
        byEndToEndId[transfer.EndToEndId] = transfer;
        if (transfer is { Status: TransferStatus.Ordered, OutstandingCents: > 0 })
        {
            Set(outstanding, (transfer.Iban, transfer.OutstandingCents)).Add(transfer);
        }

        if (transfer.LeftCents > 0)
        {
            Set(left, (transfer.Iban, transfer.LeftCents)).Add(transfer);
        }
    }

    private void Remove(Transfer transfer)
    {
        outstanding.GetValueOrDefault((transfer.Iban, transfer.OutstandingCents))?.Remove(transfer);
        left.GetValueOrDefault((transfer.Iban, transfer.LeftCents))?.Remove(transfer);
    }

    private static SortedSet<Transfer> Set(Dictionary<(string, long), SortedSet<Transfer>> sets, (string, long) key) =>
        sets.TryGetValue(key, out var set) ? set : sets[key] = new SortedSet<Transfer>(OldestFirst);
}
