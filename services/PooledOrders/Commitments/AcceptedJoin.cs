using Marketplace.Events.PooledOrders;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>A join that was decided for: the new commitment, as it is answered and as it is told.</summary>
internal sealed record AcceptedJoin(Guid Id, JoinRequest Request, PoolRow Pool, string? Trace)
{
    public CommitmentView View(DateTime now) => new(
        Id, Pool.Id, Request.Siren, Request.OrganisationName, CommitmentStatus.Pending, Request.Demand.Quantity, Request.Demand.Tolerance, Request.Demand.PriceLimitCents,
        now, null, null, null, null, [], 0, null, new CommitmentPayment(Request.PaymentMethod is null ? "none" : "to-set-up", null, null), null, 1, Request.Siret);

    public CommitmentPlaced Fact(DateTime now) => new(
        Id, Pool.Id, Request.OrganisationId, Request.OrganisationName, Request.Siren, Request.Departement, Request.Headcount, Request.TurnoverCents, Pool.Category,
        Pool.ProgrammeIds, Placement.ReservableNetCents(Pool, Request.Demand), now, 1, Request.Siret);
}
