using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Messages;
using MediatR;

namespace Marketplace.Gateway.Notifications;

/// <summary>Tells businesses and providers of what happens to a pool.</summary>
public sealed class WhenPoolNoticeGiven(Tell tell) : IRequestHandler<Received<PoolNoticeGiven>>
{
    public async Task<Unit> Handle(Received<PoolNoticeGiven> request, CancellationToken cancellationToken)
    {
        var fact = request.Fact;
        var told = fact.Recipients
            .Select(r => new Told(r.OrganisationId, new NoticeData(fact.PoolId, fact.PoolTitle, r.CommitmentId, r.AmountCents, fact.MissingQuantity, fact.UnitPriceCents, Until: fact.Until)))
            .ToList();
        await tell.AllAsync(fact.NoticeId, fact.Kind, fact.GivenAt, told, cancellationToken);
        return Unit.Value;
    }
}
