namespace Marketplace.PooledOrders.Closing;

/// <summary>Shares a whole number in proportion to weights so that the shares add up (DOMAIN §0: largest remainder).</summary>
public static class LargestRemainder
{
    /// <summary>
    /// Shares <paramref name="total"/> over the weights. Everyone gets the whole part of the exact share; what is left
    /// goes one by one to the largest remainders, ties to the earlier position (callers order by join time, then id).
    /// While the total is at most the sum of the weights, none gets more than its weight.
    /// </summary>
    /// <param name="total">≥ 0; 0 ≤ total ≤ Σ weights for shares that stay within the weights.</param>
    /// <param name="weights">Each ≥ 0.</param>
    /// <returns>Shares in the order of the weights; their sum is the total (all 0 when every weight is 0).</returns>
    public static int[] Share(int total, IReadOnlyList<int> weights)
    {
        var shares = new int[weights.Count];
        var sum = weights.Sum(w => (long)w);
        if (total == 0 || sum == 0)
        {
            return shares;
        }

        var remainders = new (long Remainder, int Position)[weights.Count];
        var left = total;
        for (var i = 0; i < weights.Count; i++)
        {
            var exact = (long)total * weights[i];
            shares[i] = (int)(exact / sum);
            remainders[i] = (exact % sum, i);
            left -= shares[i];
        }

        Array.Sort(remainders, (a, b) => a.Remainder == b.Remainder ? a.Position.CompareTo(b.Position) : b.Remainder.CompareTo(a.Remainder));
        foreach (var (_, position) in remainders.Take(left))
        {
            shares[position]++;
        }

        return shares;
    }
}
