namespace Marketplace.PooledOrders.Checkout;

/// <summary>What one commitment comes to (DOMAIN §3), in cents.</summary>
/// <param name="NetCents">Quantity × unit price, excluding VAT.</param>
/// <param name="VatCents">VAT, rounded half up on the net amount.</param>
/// <param name="AidCents">Aid of all programmes, paid by the funders to the provider.</param>
public sealed record Amounts(long NetCents, long VatCents, long AidCents)
{
    /// <summary>What the business pays: net + VAT − aid.</summary>
    public long PayableCents => NetCents + VatCents - AidCents;

    /// <summary>Net amount and VAT of a quantity; no aid yet.</summary>
    /// <param name="quantity">Units, ≥ 1.</param>
    /// <param name="unitPriceCents">Unit price excluding VAT, in cents.</param>
    /// <param name="vatRateBps">VAT rate in basis points, 0–10 000.</param>
    public static Amounts Of(int quantity, long unitPriceCents, int vatRateBps)
    {
        var net = checked(quantity * unitPriceCents);
        return new Amounts(net, Vat(net, vatRateBps), 0);
    }

    /// <summary>VAT on the invoice base, rounded half up to the cent (DOMAIN §0).</summary>
    public static long Vat(long netCents, int vatRateBps) => (long)(((Int128)netCents * vatRateBps + 5_000) / 10_000);
}
