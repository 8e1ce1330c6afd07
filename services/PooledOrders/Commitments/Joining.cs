using Marketplace.Platform.Answers;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>What a business asks for when it joins or amends.</summary>
/// <param name="Quantity">q ≥ 1.</param>
/// <param name="Tolerance">t ≥ 0.</param>
/// <param name="PriceLimitCents">The highest unit price it accepts, in cents; null for any.</param>
public sealed record Demand(int Quantity, int Tolerance, long? PriceLimitCents)
{
    /// <summary>The units that are kept for it: q + t.</summary>
    public int Units => Quantity + Tolerance;
}

/// <summary>The rules of joining a pool (DOMAIN §2), pure.</summary>
public static class Joining
{
    /// <summary>Decides one join against the pool as it is after the joins before it.</summary>
    /// <param name="pool">The pool, locked.</param>
    /// <param name="available">Units that may still be committed, tolerance included.</param>
    /// <param name="hasLiveCommitment">The SIREN is in this pool already.</param>
    /// <param name="departement">Where the business is.</param>
    /// <param name="demand">What it asks for.</param>
    /// <param name="now">The instant of the decision (UTC).</param>
    /// <returns>
    /// Null when it may join; else 409 <c>pool-not-open</c>, <c>outside-territory</c>, <c>already-committed</c>,
    /// <c>capacity-exceeded</c> (with <c>available</c>), or 422 <c>price-limit-out-of-reach</c>.
    /// </returns>
    public static Problem? Refusal(PoolRow pool, int available, bool hasLiveCommitment, string departement, Demand demand, DateTime now)
    {
        if (!pool.TakesCommitmentsAt(now))
        {
            return NotOpen(pool);
        }

        if (!pool.Territories.Contains(departement))
        {
            return Problem.Conflict("outside-territory", "The pool is for businesses of another territory.", $"It serves {string.Join(", ", pool.Territories)}; your business is in {departement}.");
        }

        if (hasLiveCommitment)
        {
            return Problem.Conflict("already-committed", "Your business has a commitment in this pool already.", "Amend it instead.");
        }

        return OutOfReach(pool, demand) ?? Exceeded(available, demand);
    }

    /// <summary>409 <c>pool-not-open</c>, saying how the pool stands.</summary>
    public static Problem NotOpen(PoolRow pool) =>
        Problem.Conflict("pool-not-open", "The pool takes no commitments now.", $"It is {pool.Status}; it opens at {pool.OpensAt:yyyy-MM-dd'T'HH:mm:ss'Z'} and closes at {pool.ClosesAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.");

    /// <summary>422 when no tier can ever meet the price limit.</summary>
    public static Problem? OutOfReach(PoolRow pool, Demand demand) => demand.PriceLimitCents < pool.Ladder.LowestPriceCents
        ? Problem.Unprocessable("price-limit-out-of-reach", "No price of this pool can meet your limit.", $"The lowest price is {pool.Ladder.LowestPriceCents} cents a unit.")
        : null;

    /// <summary>409 when the units do not fit any more.</summary>
    public static Problem? Exceeded(int available, Demand demand) => demand.Units > available
        ? Problem.Conflict("capacity-exceeded", "There are not so many units left in this pool.", $"{available} left, tolerance included; {demand.Units} asked for.", new Dictionary<string, object?> { ["available"] = available })
        : null;
}
