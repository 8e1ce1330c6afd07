using Marketplace.Events.PooledOrders;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>What a placed or amended commitment tells the subsidies.</summary>
public static class Placement
{
    /// <summary>(q + t) × the dearest tier price that the limit accepts, in cents (DOMAIN §5, Reserve, then grant).</summary>
    public static long ReservableNetCents(PoolRow pool, Demand demand) =>
        checked(demand.Units * (pool.Ladder.DearestAccepted(demand.PriceLimitCents) ?? 0));

    /// <summary>The fact of an amended commitment.</summary>
    public static CommitmentPlaced Of(CommitmentRow c, PoolRow pool, Demand demand, int version) => new(
        c.Id, c.PoolId, c.OrganisationId, c.OrganisationName, c.Siren, c.Departement, c.Headcount, c.TurnoverCents, pool.Category,
        pool.ProgrammeIds, ReservableNetCents(pool, demand), c.JoinedAt, version, c.Siret);
}
