using Dapper;
using FluentValidation;
using Marketplace.Catalog.Packs;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Catalog.Search;

/// <summary>
/// Finds packs by words, in French, and by what they are (API.md, Catalog). The public finds listed packs; a provider
/// that asks for its own finds them wherever they stand.
/// </summary>
public sealed class SearchPacks : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes.MapGet(
        "/api/catalog/packs",
        (string? q, string? category, string? territory, string? unit, Guid? providerId, long? maxPriceCents, string? sort, PageQuery page, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(Given(q), Given(category), Given(territory), Given(unit), providerId, maxPriceCents, Given(sort), page), ct));

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;

    /// <summary>What is looked for; null asks for nothing.</summary>
    /// <param name="Q">Words, at most 200 characters.</param>
    /// <param name="Category">One of <see cref="PackWords.Categories"/>.</param>
    /// <param name="Territory">A département code that the pack serves.</param>
    /// <param name="Unit">One of <see cref="PackWords.Units"/>.</param>
    /// <param name="ProviderId">The provider's organisation.</param>
    /// <param name="MaxPriceCents">The highest price of the first tier, in cents: what a unit costs at the smallest quantity.</param>
    /// <param name="Sort">One of <see cref="SearchSort.Names"/>.</param>
    /// <param name="Page">Limit and cursor.</param>
    public sealed record Query(string? Q, string? Category, string? Territory, string? Unit, Guid? ProviderId, long? MaxPriceCents, string? Sort, PageQuery Page) : IQuery;

    /// <summary>One page, and how many packs each further choice would leave.</summary>
    public sealed record Found(IReadOnlyList<PackView> Items, string? NextCursor, IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Facets);

    private sealed class Validator : AbstractValidator<Query>
    {
        public Validator()
        {
            RuleFor(s => s.Q).MaximumLength(200);
            RuleFor(s => s.Category).Must(c => c is null || PackWords.Categories.Contains(c)).WithMessage(PackWords.OneOf(PackWords.Categories));
            RuleFor(s => s.Unit).Must(u => u is null || PackWords.Units.Contains(u)).WithMessage(PackWords.OneOf(PackWords.Units));
            RuleFor(s => s.Territory).Must(t => t is null || PackWords.Territories.Contains(t)).WithMessage("A département code is expected, such as 59, 2A or 971.");
            RuleFor(s => s.MaxPriceCents).GreaterThanOrEqualTo(0);
            RuleFor(s => s.Sort).Must(s => s is null || SearchSort.Names.Contains(s)).WithMessage(PackWords.OneOf(SearchSort.Names));
        }
    }

    private sealed class Handler(Session session, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var sort = SearchSort.Of(query.Sort, query.Q is not null);
            var after = sort.ReadCursor(query.Page.After);
            var filter = SearchFilter.Of(query, caller);
            var parameters = new
            {
                words = query.Q,
                query.Category,
                query.Territory,
                query.Unit,
                query.ProviderId,
                query.MaxPriceCents,
                afterKey = after?.Key,
                afterId = after?.Id,
                take = query.Page.Limit + 1,
            };
            var page = after is null ? "" : $"and {sort.After}";
            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<Pack, string, (Pack Pack, string Key)>(
                $"""
                select {PackRows.Columns}, ({sort.Key})::text as sort_key from {PackRows.Current}
                where {filter.Everything} {page} order by {sort.OrderBy} limit @take
                """, (pack, key) => (pack, key), parameters, splitOn: "sort_key");
            var found = query.Page.Of(rows.AsList(), r => sort.Cursor(r.Key, r.Pack.Id));
            var facets = (await db.QueryAsync<(string Facet, string Value, long Packs)>(filter.Facets, parameters))
                .ToLookup(f => f.Facet);
            return Answer.Ok(new Found(found.Items.Select(i => i.Pack.View()).ToList(), found.NextCursor, SearchFilter.FacetNames.ToDictionary(
                name => name,
                IReadOnlyDictionary<string, long> (name) => facets[name].ToDictionary(f => f.Value, f => f.Packs))));
        }
    }
}
