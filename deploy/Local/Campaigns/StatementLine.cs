namespace Marketplace.Local.Campaigns;

/// <summary>The outcomes of DOMAIN §6 that a statement can bring about.</summary>
public static class LineKind
{
    public const string Exact = "exact";
    public const string Duplicate = "duplicate";
    public const string Partial = "partial";
    public const string Over = "over";
    public const string Rejected = "rejected";
    public const string Unknown = "unknown";
    public const string Missing = "missing";
}

/// <summary>One booked entry of a bank statement.</summary>
/// <param name="Kind">What it brings about (<see cref="LineKind"/>).</param>
/// <param name="AmountCents">Above zero.</param>
/// <param name="ReturnReason">For money that comes back: the code of ISO 20022's external code list.</param>
public sealed record StatementLine(string Kind, string EndToEndId, string Iban, string Name, long AmountCents, string? ReturnReason = null)
{
    private const string AccountClosed = "AC04";
    private const long Difference = 100;

    /// <summary>
    /// For the first transfers in their order: paid exactly and then once more; too little; too much; paid and sent back;
    /// nothing at all. Those after the fifth are paid exactly. And a payment of which nobody knows anything.
    /// </summary>
    internal static IReadOnlyList<StatementLine> OneOfEachKind(IReadOnlyList<Transfer> transfers) =>
    [
        .. transfers.SelectMany((transfer, n) => n switch
        {
            0 => [Exact(transfer), Exact(transfer) with { Kind = LineKind.Duplicate }],
            1 => [Partial(transfer)],
            2 => [Exact(transfer) with { Kind = LineKind.Over, AmountCents = transfer.AmountCents + Difference }],
            3 => [Exact(transfer) with { Kind = LineKind.Rejected }, Exact(transfer) with { Kind = LineKind.Rejected, ReturnReason = AccountClosed }],
            4 => (StatementLine[])[],
            _ => [Exact(transfer)],
        }),
        new StatementLine(LineKind.Unknown, "LOYER-2026-11", "DE89370400440532013000", "Hausverwaltung Beispiel", 12_345),
    ];

    /// <summary>Paid as ordered.</summary>
    internal static StatementLine Exact(Transfer transfer) => new(LineKind.Exact, transfer.EndToEndId, transfer.Iban, transfer.Name, transfer.AmountCents);

    /// <summary>A euro too little, but never nothing.</summary>
    internal static StatementLine Partial(Transfer transfer) =>
        Exact(transfer) with { Kind = LineKind.Partial, AmountCents = transfer.AmountCents - Math.Min(Difference, transfer.AmountCents - 1) };
}
