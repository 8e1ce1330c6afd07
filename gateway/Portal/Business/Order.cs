using Marketplace.Portal.Api;

namespace Marketplace.Portal.Business;

/// <summary>
/// What was ordered, as it was fixed when the pool was confirmed: a later short delivery changes the commitment, never
/// the confirmation of the order. Amounts in cents.
/// </summary>
public sealed record Order(DateTime At, long Quantity, long UnitPriceCents, long NetCents, long VatCents, IReadOnlyList<(string Funder, long Cents)> Aid)
{
    /// <summary>What the business pays.</summary>
    public long PayableCents => NetCents + VatCents - Aid.Sum(a => a.Cents);

    /// <summary>The order that a commitment's history tells; null until its price and its aid are fixed.</summary>
    public static Order? Of(IReadOnlyList<RecordedEvent> history)
    {
        var confirmed = history.FirstOrDefault(e => e.Type.Contains(".commitment-confirmed.", StringComparison.Ordinal));
        var granted = history.FirstOrDefault(e => e.Type.Contains(".aid-changed.", StringComparison.Ordinal) && e.Text("status") == "granted");
        return confirmed is null || granted is null
            ? null
            : new Order(confirmed.At, confirmed.Number("allocatedQuantity"), confirmed.Number("unitPriceCents"), confirmed.Number("netCents"), confirmed.Number("vatCents"), granted.AidParts());
    }
}

/// <summary>What was paid for a commitment, in cents, when, and under which reference of the payment provider (null where aid covered everything).</summary>
public sealed record Receipt(DateTime At, long AmountCents, string? Reference)
{
    /// <summary>The payment that a commitment's history tells; null until there is one.</summary>
    public static Receipt? Of(IReadOnlyList<RecordedEvent> history) =>
        history.FirstOrDefault(e => e.Type.Contains(".commitment-paid.", StringComparison.Ordinal)) is { } paid
            ? new Receipt(paid.At, paid.Number("amountCents"), paid.Text("paymentReference"))
            : null;
}
