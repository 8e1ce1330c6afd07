using System.Text.Json;
using Dapper;
using Marketplace.Events.Catalog;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.Packs;

/// <summary>Keeps the terms of every listed pack version, and whether the pack is listed now.</summary>
public sealed class WhenPackListed(Session session) : IRequestHandler<Received<PackListed>>, IRequestHandler<Received<PackDelisted>>
{
    private const string SetListed =
        """
        insert into pack (id, listed, stream_version) values (@PackId, @listed, @Version)
        on conflict (id) do update set listed = excluded.listed, stream_version = excluded.stream_version
        where pack.stream_version < excluded.stream_version
        """;

    public async Task<Unit> Handle(Received<PackListed> request, CancellationToken cancellationToken)
    {
        var pack = request.Fact;
        var db = await session.OpenAsync(cancellationToken);
        await db.ExecuteAsync(
            """
            insert into pack_version (pack_id, pack_version, provider_id, provider_name, name, description, category, unit, term_months, list_price_cents, vat_rate_bps, territories, capacity, tiers)
            values (@PackId, @PackVersion, @ProviderId, @ProviderName, @Name, @Description, @Category, @Unit, @TermMonths, @ListPriceCents, @VatRateBps, @Territories, @Capacity, @tiers::jsonb)
            on conflict do nothing
            """,
            new { pack.PackId, pack.PackVersion, pack.ProviderId, pack.ProviderName, pack.Name, pack.Description, pack.Category, pack.Unit, pack.TermMonths, pack.ListPriceCents, pack.VatRateBps, pack.Territories, pack.Capacity, tiers = JsonSerializer.Serialize(pack.Tiers, Json.Options) });
        await db.ExecuteAsync(SetListed, new { pack.PackId, listed = true, pack.Version });
        return Unit.Value;
    }

    public async Task<Unit> Handle(Received<PackDelisted> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await db.ExecuteAsync(SetListed, new { request.Fact.PackId, listed = false, request.Fact.Version });
        return Unit.Value;
    }
}
