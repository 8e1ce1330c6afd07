namespace Marketplace.Local.Campaigns;

/// <summary>What became of the aid between grant and bank, for people to read.</summary>
internal static class ShowBank
{
    public static void OnTerminal(BankOutcome bank)
    {
        Delivery(bank.Delivery);
        Terminal.Table(
            "Transfers",
            ["programme", "provider", "end-to-end id", "ordered", "statement", "outcome"],
            bank.Transfers.Select(transfer => (string[])
                [transfer.Programme, transfer.Provider, transfer.EndToEndId, Amount.Euros(transfer.AmountCents), transfer.Booked, transfer.Outcome]));
        Terminal.Line($"Statement: {bank.Import.Imported} lines imported; the same file again: {bank.SameFileAgain.Imported} imported, {bank.SameFileAgain.AlreadyKnown} known already.");
        Terminal.Table(
            "Exceptions for a person to resolve",
            ["kind", "end-to-end id", "expected", "booked"],
            bank.Reconciliation.ToResolve.Select(exception => (string[])
                [exception.Kind, exception.EndToEndId ?? "-", Euros(exception.ExpectedCents), Euros(exception.AmountCents)]));
        Terminal.Table(
            "Reconciliation",
            ["", "transfers", "amount"],
            [
                ["ordered", Amount.Count(bank.Reconciliation.Ordered.Count), Amount.Euros(bank.Reconciliation.Ordered.Cents)],
                ["exact", Amount.Count(bank.Reconciliation.Exact.Count), Amount.Euros(bank.Reconciliation.Exact.Cents)],
                ["difference", "", Amount.Euros(bank.Reconciliation.DifferenceCents)],
            ]);
        Terminal.Line($"Ledger: {bank.Ledger.Entries} entries, {(bank.Ledger.Balanced ? "balanced" : "NOT balanced")}, chain {(bank.Ledger.ChainIntact ? "intact" : "BROKEN")}.");
        Terminal.Line($"Envelopes hold {Amount.Euros(bank.Sums.EnvelopesCents)}, the ledger {Amount.Euros(bank.Sums.LedgerCents)}, the grants {Amount.Euros(bank.Sums.GrantsCents)}.");
        foreach (var fault in bank.Faults)
        {
            Terminal.Line($"Wrong: {fault}");
        }
    }

    private static void Delivery(DeliveryOutcome delivery)
    {
        Terminal.Line($"Deliveries: {delivery.Accepted} accepted in words, {delivery.Silent} by silence; refused first: {delivery.RefusedFirst ?? "none"}.");
        if (delivery.Short is not { Ordered: var ordered, Delivered: var delivered } shortened)
        {
            return;
        }

        Terminal.Table(
            $"Delivered short: {shortened.Commitment}, given back {Amount.Euros(shortened.RefundedCents)}",
            ["", "quantity", "net", "aid", "payable"],
            [Row("ordered", ordered), Row("delivered", delivered)]);
    }

    private static string[] Row(string name, CommitmentAmounts amounts) =>
        [name, Amount.Count(amounts.Quantity), Amount.Euros(amounts.NetCents), Amount.Euros(amounts.AidCents), Amount.Euros(amounts.PayableCents)];

    private static string Euros(long? cents) => cents is { } amount ? Amount.Euros(amount) : "-";
}
