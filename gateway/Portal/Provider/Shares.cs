namespace Marketplace.Portal.Provider;

/// <summary>A short delivery, before it is declared: how the API will share it (DOMAIN §2.2).</summary>
public static class Shares
{
    /// <summary>
    /// Largest remainder: everyone gets the whole part of the exact share, what is left goes one by one to the largest
    /// remainders, ties to who joined earlier.
    /// </summary>
    /// <param name="quantity">Units delivered, from 0 to what was ordered.</param>
    /// <param name="ordered">Units of each order, in the order in which they joined.</param>
    public static IReadOnlyList<int> Of(int quantity, IReadOnlyList<int> ordered)
    {
        var all = ordered.Sum(o => (long)o);
        if (all == 0)
        {
            return ordered;
        }

        var shares = ordered.Select(o => (int)((long)quantity * o / all)).ToArray();
        foreach (var (_, position) in ordered.Select((o, i) => (Remainder: (long)quantity * o % all, i)).OrderByDescending(r => r.Remainder).Take(quantity - shares.Sum()))
        {
            shares[position]++;
        }

        return shares;
    }
}
