using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform.Requests;

/// <summary>The <c>?limit=</c> (1–200, default 50) and <c>?cursor=</c> of a list (API.md, Conventions). Bound by minimal APIs.</summary>
/// <param name="Limit">How many items at the most.</param>
/// <param name="After">The sort keys of the last item of the page before; empty on the first page.</param>
public sealed record PageQuery(int Limit, IReadOnlyList<string> After)
{
    /// <summary>The id after which the page begins, for lists sorted by id alone.</summary>
    /// <exception cref="BadHttpRequestException">The cursor is not one that this list gave.</exception>
    public Guid? AfterId => After.Count == 0 ? null : Guid.TryParse(After[^1], out var id) ? id : throw Refused("cursor", "The cursor is not one of this list.");

    /// <summary>Reads the query string.</summary>
    /// <exception cref="BadHttpRequestException">Limit or cursor are not acceptable (400).</exception>
    public static ValueTask<PageQuery> BindAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var limit = 50;
        if (query.TryGetValue("limit", out var text) && (!int.TryParse(text, out limit) || limit is < 1 or > 200))
        {
            throw Refused("limit", "The limit is a number from 1 to 200.");
        }

        if (!query.TryGetValue("cursor", out var cursor))
        {
            return ValueTask.FromResult(new PageQuery(limit, []));
        }

        try
        {
            var keys = JsonSerializer.Deserialize<string[]>(Base64Url.DecodeFromChars(cursor.ToString()), Json.Options);
            return ValueTask.FromResult(new PageQuery(limit, keys is { Length: > 0 } && keys.All(k => k is not null) ? keys : throw Refused("cursor", "The cursor is not one of this list.")));
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            throw Refused("cursor", "The cursor is not one of this list.");
        }
    }

    /// <summary>
    /// Makes the answer of a list from <paramref name="rows"/>, of which the SQL read one more than the limit.
    /// <paramref name="keys"/> gives the sort keys of an item, its id last.
    /// </summary>
    public Page<T> Of<T>(IReadOnlyList<T> rows, Func<T, string[]> keys)
    {
        var more = rows.Count > Limit;
        var items = more ? rows.Take(Limit).ToList() : rows;
        return new Page<T>(items, more ? Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(keys(items[^1]), Json.Options))) : null);
    }

    /// <summary>A query parameter that is refused with 400 <c>invalid-input</c>.</summary>
    public static BadHttpRequestException Refused(string parameter, string message) => new InvalidParameterException(parameter, message);
}

/// <summary>One page of a list.</summary>
/// <param name="Items">The items, in the list's order.</param>
/// <param name="NextCursor">What to send as <c>?cursor=</c> for the next page; null on the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor);

/// <summary>A query parameter that is not acceptable.</summary>
public sealed class InvalidParameterException(string parameter, string message) : BadHttpRequestException(message)
{
    /// <summary>Its name in the query string.</summary>
    public string Parameter { get; } = parameter;
}
