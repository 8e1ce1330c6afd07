using Dapper;
using Marketplace.Catalog.Packs;
using Marketplace.Events.Accreditation;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Catalog.Accreditations;

/// <summary>
/// Keeps the local copy of the register, and delists or lists again what the change uncovers or covers (DOMAIN §1, §4).
/// The fact carries the whole state, so an older one than what is held says nothing.
/// </summary>
public sealed class WhenAccreditationStatusChanged(Session session, FactLog facts, TimeProvider clock) : IRequestHandler<Received<AccreditationStatusChanged>>
{
    /// <inheritdoc />
    public async Task<Unit> Handle(Received<AccreditationStatusChanged> request, CancellationToken cancellationToken)
    {
        var fact = request.Fact;
        var db = await session.OpenAsync(cancellationToken);
        await Coverage.LockAsync(db, fact.ProviderId);
        var isNews = await db.ExecuteAsync(
            """
            insert into accreditation as held (id, provider_id, categories, territories, status, version)
            values (@AccreditationId, @ProviderId, @Categories, @Territories, @Status, @Version)
            on conflict (id) do update set
              provider_id = excluded.provider_id, categories = excluded.categories, territories = excluded.territories,
              status = excluded.status, version = excluded.version
            where held.version < excluded.version
            """, fact) == 1;
        if (!isNews)
        {
            return Unit.Value;
        }

        var active = await Coverage.ActiveAsync(db, fact.ProviderId);
        var packs = await db.QueryAsync<Pack>(
            $"select {PackRows.Columns} from {PackRows.Current} where p.provider_id = @ProviderId and p.status in ('listed', 'delisted')", new { fact.ProviderId });
        var now = clock.GetUtcNow().UtcDateTime;
        var moved = packs
            .Select(pack => (Before: pack, Status: PackStanding.WhenAccreditationChanged(pack.Status, Coverage.Holds(active, pack.Category, pack.Territories))))
            .Where(m => m.Status != m.Before.Status)
            .Select(m => m.Before.MovedTo(m.Status, now))
            .ToList();
        await PackRows.SaveAsync(db, moved);
        await facts.AppendAsync(moved.Select(pack => facts.New(pack.Id, pack.StreamVersion, Announcement(pack))).ToList(), cancellationToken);
        return Unit.Value;
    }

    private static object Announcement(Pack pack) => pack.Status == PackStanding.Listed ? pack.AsListed() : pack.AsDelisted("accreditation");
}
