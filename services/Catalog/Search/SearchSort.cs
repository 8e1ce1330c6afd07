using System.Globalization;
using Marketplace.Platform.Requests;

namespace Marketplace.Catalog.Search;

/// <summary>
/// An order of search results. The key and then the id decide, so that the order is total and a cursor holds its place
/// while packs come and go.
/// </summary>
/// <param name="Name">As in <c>?sort=</c>.</param>
/// <param name="Key">The SQL of the key.</param>
/// <param name="Descending">From the greatest to the least.</param>
/// <param name="IsNumber">Whether the key is a bigint, else it is a text.</param>
public sealed record SearchSort(string Name, string Key, bool Descending, bool IsNumber)
{
    private static readonly SearchSort Price = new("price", "v.first_price_cents", false, true);
    private static readonly SearchSort ByName = new("name", "v.name_folded", false, false);
    private static readonly SearchSort Newest = new("newest", "(extract(epoch from p.created_at) * 1000000)::bigint", true, true);
    private static readonly SearchSort Relevance = new("relevance", $"(ts_rank(v.search, {SearchFilter.WordsOnce}) * 1000000000)::bigint", true, true);

    /// <summary>Every name.</summary>
    public static readonly IReadOnlyList<string> Names = [Price.Name, ByName.Name, Newest.Name, Relevance.Name];

    /// <summary>The SQL after <c>order by</c>.</summary>
    public string OrderBy => Descending ? $"{Key} desc, p.id desc" : $"{Key}, p.id";

    /// <summary>The SQL condition for what comes after <c>@afterKey</c>, <c>@afterId</c>.</summary>
    public string After => $"({Key}, p.id) {(Descending ? "<" : ">")} (@afterKey, @afterId)";

    /// <summary>The order asked for; relevance where words are searched, else the newest first.</summary>
    /// <param name="name">One of <see cref="Names"/>, or null.</param>
    /// <param name="hasWords">Whether there is a <c>q</c> that relevance can be measured by.</param>
    public static SearchSort Of(string? name, bool hasWords) => name switch
    {
        "price" => Price,
        "name" => ByName,
        "newest" => Newest,
        _ => hasWords ? Relevance : Newest,
    };

    /// <summary>What a cursor holds: the order's name, the key and the id of the last item.</summary>
    public string[] Cursor(string key, Guid id) => [Name, key, id.ToString()];

    /// <summary>Key and id of the last item of the page before; null on the first page.</summary>
    /// <exception cref="BadHttpRequestException">The cursor is not one that this order gave.</exception>
    public (object Key, Guid Id)? ReadCursor(IReadOnlyList<string> after)
    {
        if (after.Count == 0)
        {
            return null;
        }

        if (after is [var name, { } text, var idText] && name == Name && Guid.TryParse(idText, out var id))
        {
            if (!IsNumber)
            {
                return (text, id);
            }

            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                return (number, id);
            }
        }

        throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
    }
}
