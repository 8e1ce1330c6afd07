using Dapper;
using Marketplace.Catalog.Accreditations;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Npgsql;

namespace Marketplace.Catalog.Packs;

/// <summary>The SQL that several slices share.</summary>
public static class PackRows
{
    /// <summary>The columns of <see cref="Pack"/>, of <c>pack p</c> and <c>pack_version v</c>.</summary>
    public const string Columns =
        """
        p.id, v.version, p.version as current_version, p.stream_version, p.status, p.provider_id, v.provider_name,
        v.name, v.description, v.category, v.unit, v.term_months, v.list_price_cents, v.vat_rate_bps, v.territories,
        v.capacity, v.attributes::text, v.tier_quantities, v.tier_prices, p.first_listed_at, p.created_at, p.updated_at
        """;

    /// <summary>Every pack with its newest terms.</summary>
    public const string Current = "pack p join pack_version v on v.pack_id = p.id and v.version = p.version";

    /// <summary>A pack with its newest terms, or with those of <paramref name="version"/>; null when there is none.</summary>
    public static Task<Pack?> FindAsync(NpgsqlConnection db, Guid id, int? version = null) => db.QuerySingleOrDefaultAsync<Pack>(
        $"select {Columns} from pack p join pack_version v on v.pack_id = p.id and v.version = coalesce(@version::integer, p.version) where p.id = @id", new { id, version });

    /// <summary>
    /// The caller's own pack, under its provider's lock until the transaction ends; or why not: 404 when the caller may not
    /// know of it, 403 when it is another provider's.
    /// </summary>
    public static async Task<(Pack? Pack, Problem? Refusal)> HoldOwnAsync(NpgsqlConnection db, Guid id, Caller caller)
    {
        if (caller.OrganisationId is { } provider)
        {
            await Coverage.LockAsync(db, provider);
        }

        var pack = await FindAsync(db, id);
        return pack?.IsKnownTo(caller.OrganisationId) != true ? (null, Problem.NotFound("pack"))
            : pack.ProviderId != caller.OrganisationId ? (null, Problem.Forbidden("The pack is another provider's."))
            : (pack, null);
    }

    /// <summary>Stores where packs stand; to be called under the provider's lock.</summary>
    public static Task SaveAsync(NpgsqlConnection db, IReadOnlyCollection<Pack> packs) => db.ExecuteAsync(
        """
        update pack p set status = n.status, version = n.version, stream_version = n.stream_version, first_listed_at = n.first_listed_at, updated_at = n.updated_at
        from unnest(@ids, @statuses, @versions, @streamVersions, @firstListedAts::timestamptz[], @updatedAts::timestamptz[])
          as n (id, status, version, stream_version, first_listed_at, updated_at)
        where p.id = n.id
        """,
        new
        {
            ids = packs.Select(p => p.Id).ToArray(),
            statuses = packs.Select(p => p.Status).ToArray(),
            versions = packs.Select(p => p.CurrentVersion).ToArray(),
            streamVersions = packs.Select(p => p.StreamVersion).ToArray(),
            firstListedAts = packs.Select(p => p.FirstListedAt).ToArray(),
            updatedAts = packs.Select(p => p.UpdatedAt).ToArray(),
        });

    /// <summary>Stores the terms as a version of their own, for good.</summary>
    public static Task AddVersionAsync(NpgsqlConnection db, Pack pack) => db.ExecuteAsync(
        """
        insert into pack_version (pack_id, version, provider_name, name, description, category, unit, term_months, list_price_cents,
          vat_rate_bps, territories, capacity, attributes, tier_quantities, tier_prices, created_at)
        values (@Id, @Version, @ProviderName, @Name, @Description, @Category, @Unit, @TermMonths, @ListPriceCents,
          @VatRateBps, @Territories, @Capacity, @Attributes::jsonb, @TierQuantities, @TierPrices, @UpdatedAt)
        """, pack);
}
