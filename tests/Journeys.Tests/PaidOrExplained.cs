using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;

namespace Marketplace.Journeys_Tests;

/// <summary>What has to hold once campaign-1 has gone from grant to bank: every cent is paid or explained.</summary>
internal static class PaidOrExplained
{
    private static readonly string[] Kinds = [LineKind.Duplicate, LineKind.Missing, LineKind.Over, LineKind.Partial, LineKind.Rejected, LineKind.Unknown];

    public static void Check(BankOutcome bank, JsonNode expected)
    {
        Assert.Empty(bank.Faults);
        CheckDelivery(bank.Delivery);
        CheckTransfers(bank.Transfers, bank.Delivery.Short!, expected);
        CheckReconciliation(bank);
    }

    private static void CheckDelivery(DeliveryOutcome delivery)
    {
        Assert.Equal(72, delivery.Accepted + delivery.Silent);
        Assert.InRange(delivery.Accepted, 24, 48);
        Assert.NotNull(delivery.RefusedFirst);
        var shortened = Assert.IsType<ShortOutcome>(delivery.Short);
        Assert.Equal(shortened.Ordered.Quantity - 1, shortened.Delivered.Quantity);
        Assert.True(shortened.Delivered.AidCents < shortened.Ordered.AidCents);
        Assert.Equal(shortened.Ordered.PayableCents - shortened.Delivered.PayableCents, shortened.RefundedCents);
        Assert.True(shortened.RefundedCents > 0);
    }

    /// <summary>What the independent model granted to those who paid, by programme and provider, but for the aid of the unit that was not delivered.</summary>
    private static void CheckTransfers(IReadOnlyList<TransferOutcome> transfers, ShortOutcome shortened, JsonNode expected)
    {
        var providers = new Dictionary<string, string> { ["pool-edr"] = "artois-cyber", ["pool-backup"] = "nord-sauvegarde", ["pool-firewall"] = "artois-cyber", ["pool-audit"] = "artois-cyber" };
        var granted = expected["commitments"]!.AsObject()
            .Where(commitment => (string)commitment.Value!["status"]! == "paid")
            .SelectMany(commitment => commitment.Value!["aid"]!.AsObject().Select(aid => (Programme: aid.Key, Provider: providers[commitment.Key.Split('/')[0]], Cents: (long)aid.Value!)))
            .GroupBy(aid => (aid.Programme, aid.Provider), aid => aid.Cents)
            .Where(group => group.Sum() > 0)
            .ToDictionary(group => group.Key, group => group.Sum());

        Assert.Equal(granted.Keys.Order(), transfers.Select(transfer => (transfer.Programme, transfer.Provider)).Order());
        Assert.Equal(granted.Values.Sum() - (shortened.Ordered.AidCents - shortened.Delivered.AidCents), transfers.Sum(transfer => transfer.AmountCents));
        Assert.StartsWith("pool-firewall/", shortened.Commitment);
        Assert.All(
            transfers.Where(transfer => transfer is not { Programme: "region" or "ville", Provider: "artois-cyber" }),
            transfer => Assert.Equal(granted[(transfer.Programme, transfer.Provider)], transfer.AmountCents));
        Assert.Equal(["exact + duplicate", "partial", "over", "rejected", "missing"], transfers.Select(transfer => transfer.Outcome));
    }

    private static void CheckReconciliation(BankOutcome bank)
    {
        Assert.Equal(Kinds, bank.Reconciliation.Exceptions.Keys.Order(StringComparer.Ordinal));
        Assert.All(bank.Reconciliation.Exceptions.Values, count => Assert.Equal(1, count));
        Assert.Equal(new CountAndCents(1, bank.Transfers[0].AmountCents), bank.Reconciliation.Exact);
        Assert.Equal(0, bank.Reconciliation.DifferenceCents);
        Assert.Equal((new ImportOutcome(7, 0), new ImportOutcome(0, 7)), (bank.Import, bank.SameFileAgain));
        Assert.True(bank.Ledger is { Entries: > 0, Balanced: true, ChainIntact: true });
        Assert.True(bank.Sums is { AreEqual: true, EnvelopesCents: > 0 });
    }
}
