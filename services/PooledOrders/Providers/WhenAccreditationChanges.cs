using Dapper;
using Marketplace.Events.Accreditation;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Pools;
using MediatR;

namespace Marketplace.PooledOrders.Providers;

/// <summary>Keeps who is accredited for what, and freezes or thaws pools at once (DOMAIN §4).</summary>
public sealed class WhenAccreditationChanges(Session session, FollowAccreditation pools) : IRequestHandler<Received<AccreditationStatusChanged>>
{
    public async Task<Unit> Handle(Received<AccreditationStatusChanged> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        var isNews = await db.ExecuteAsync(
            """
            insert into accreditation (id, provider_id, categories, territories, status, version)
            values (@AccreditationId, @ProviderId, @Categories, @Territories, @Status, @Version)
            on conflict (id) do update set categories = excluded.categories, territories = excluded.territories, status = excluded.status, version = excluded.version
            where accreditation.version < excluded.version
            """, request.Fact) == 1;
        if (isNews)
        {
            await pools.ApplyAsync(cancellationToken);
        }

        return Unit.Value;
    }
}
