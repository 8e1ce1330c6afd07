using Marketplace.Catalog.Packs;
using Marketplace.Platform.Identity;

namespace Marketplace.Catalog.Search;

/// <summary>The SQL conditions of a search; only what was asked for is in them, so that the indexes can serve them.</summary>
/// <param name="Always">What every item and every facet has to meet.</param>
/// <param name="ByFacet">The condition of each facet, <c>true</c> where nothing was chosen.</param>
public sealed record SearchFilter(string Always, IReadOnlyDictionary<string, string> ByFacet)
{
    /// <summary>The SQL of the words looked for; the sub-select has it computed once for the query, not for each row.</summary>
    public const string WordsOnce = "(select search_query(@words))";

    /// <summary>The facets, as the answer names them.</summary>
    public static readonly IReadOnlyList<string> FacetNames = ["category", "territory", "unit"];

    /// <summary>The condition of an item.</summary>
    public string Everything => string.Join(" and ", ByFacet.Values.Prepend(Always));

    /// <summary>The query of all facets: each counts under every condition but its own, so it shows what another choice would find.</summary>
    public string Facets =>
        $"""
        with matching as materialized (
          select v.category, v.territories, v.unit, {ByFacet["category"]} as in_category, {ByFacet["territory"]} as in_territory, {ByFacet["unit"]} as in_unit
          from {PackRows.Current} where {Always}
        )
        select 'category' as facet, category as value, count(*) as packs from matching where in_territory and in_unit group by category
        union all
        select 'territory', territory, count(*) from matching, unnest(territories) as territory where in_category and in_unit group by territory
        union all
        select 'unit', unit, count(*) from matching where in_category and in_territory group by unit
        order by 1, 3 desc, 2
        """;

    /// <summary>The conditions of a query, and of who asks: other providers' packs are found while they are listed.</summary>
    public static SearchFilter Of(SearchPacks.Query query, Caller caller)
    {
        var own = query.ProviderId is not null && query.ProviderId == caller.OrganisationId;
        List<string?> always =
        [
            own ? null : $"p.status = '{PackStanding.Listed}'",
            query.ProviderId is null ? null : "p.provider_id = @ProviderId",
            query.MaxPriceCents is null ? null : "v.first_price_cents <= @MaxPriceCents",
            query.Q is null ? null : $"v.search @@ {WordsOnce}",
        ];
        return new SearchFilter(
            string.Join(" and ", always.OfType<string>()),
            new Dictionary<string, string>
            {
                ["category"] = query.Category is null ? "true" : "v.category = @Category",
                ["territory"] = query.Territory is null ? "true" : "@Territory = any(v.territories)",
                ["unit"] = query.Unit is null ? "true" : "v.unit = @Unit",
            });
    }
}
