namespace Marketplace.Portal.Finance;

/// <summary>A transfer that is not explained yet and could be what an unknown movement paid, and what speaks for it.</summary>
/// <param name="Exception">The transfer's own open exception.</param>
/// <param name="Agreements">Of <c>end-to-end</c>, <c>iban</c>, <c>amount</c>, <c>rest</c>; at least one.</param>
public sealed record Candidate(BankException Exception, IReadOnlyList<string> Agreements)
{
    /// <summary>Kinds of exception whose transfer may still want money: the bank said nothing of it, or paid a part.</summary>
    public static readonly string[] Kinds = ["missing", "partial"];

    /// <summary>The most that are shown.</summary>
    public const int Most = 10;

    /// <summary>Those that agree with the movement in something, the likeliest first.</summary>
    /// <param name="movement">The unknown movement's exception.</param>
    /// <param name="open">Open exceptions of transfers, oldest first.</param>
    public static IReadOnlyList<Candidate> Of(BankException movement, IEnumerable<BankException> open) => movement.AmountCents <= 0
        ? []
        : [.. open.Select(e => new Candidate(e, [.. Agree(movement, e)])).Where(c => c.Agreements.Count > 0).OrderByDescending(c => c.Agreements.Count).Take(Most)];

    private static IEnumerable<string> Agree(BankException movement, BankException transfer)
    {
        if (transfer.EndToEndId is { Length: > 0 } id && movement.Reference?.Contains(id, StringComparison.OrdinalIgnoreCase) == true)
        {
            yield return "end-to-end";
        }

        if (movement.Iban is { Length: > 0 } iban && iban == transfer.Iban)
        {
            yield return "iban";
        }

        if (movement.AmountCents == transfer.ExpectedCents)
        {
            yield return "amount";
        }
        else if (movement.AmountCents == transfer.ExpectedCents - transfer.AmountCents)
        {
            yield return "rest";
        }
    }
}
