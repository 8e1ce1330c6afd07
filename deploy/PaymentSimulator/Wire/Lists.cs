using System.Text;
using System.Text.Json.Nodes;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Lists, newest first, by cursor (wire contract §1.5).</summary>
public static class Lists
{
    /// <summary>Parameters that every list takes.</summary>
    public static readonly string[] Parameters = ["limit", "starting_after", "ending_before", "created"];

    /// <summary>One page.</summary>
    /// <param name="session">The call.</param>
    /// <param name="form">Its parameters.</param>
    /// <param name="url">The list's own address.</param>
    /// <param name="kind">Kind of its objects.</param>
    /// <param name="filters">Names of parameters that must equal the field of the same name.</param>
    /// <param name="fixedFilter">A field and the value that it must have.</param>
    /// <param name="where">Another condition, in SQL, without input of the caller.</param>
    public static async Task<Answer> Page(
        Session session, Form form, string url, string kind, string[] filters, (string Field, string Value)? fixedFilter = null, string where = "true")
    {
        var limit = form.Number("limit") ?? 10;
        if (limit is < 1 or > 100)
            return Answer.Invalid("limit must be between 1 and 100.", "parameter_invalid_integer", "limit");
        var after = form.Filled("starting_after");
        var before = form.Filled("ending_before");
        if (after is not null && before is not null)
            return Answer.Invalid("You may only specify one of these parameters: ending_before, starting_after.");

        // Events are listed by commit order, and only up to the oldest open transaction: whoever catches up with
        // ending_before then misses none. Everything else is listed as soon as it is committed.
        var order = kind == "event" ? "(xid, seq)" : "seq";
        var sql = new StringBuilder("select body from objects where kind = $1 and not body ? 'deleted' and ").Append(where);
        if (kind == "event")
            sql.Append(" and xid < pg_snapshot_xmin(pg_current_snapshot())");
        var values = new List<object> { kind };
        foreach (var filter in filters)
        {
            if (form.Filled(filter) is { } value)
                Add($"body->>'{filter}' =", value);
        }

        if (fixedFilter is var (field, fixedValue))
            Add($"body->>'{field}' =", fixedValue);
        foreach (var (name, comparison) in Comparisons)
        {
            if (form.Number(name) is { } bound)
                Add($"created {comparison}", bound);
        }

        if ((after ?? before) is { } cursor)
        {
            if (await session.Load(kind, cursor, toChange: false) is null)
                return Answer.Missing(kind, cursor, after is null ? "ending_before" : "starting_after");
            values.Add(cursor);
            sql.Append($" and {order} {(after is null ? '>' : '<')} (select {(kind == "event" ? "xid, seq" : "seq")} from objects where id = ${values.Count})");
        }

        var direction = before is null ? "desc" : "asc";
        sql.Append(kind == "event" ? $" order by xid {direction}, seq {direction}" : $" order by seq {direction}").Append($" limit {limit + 1}");
        if (form.Problem is { } problem)
            return problem;
        var found = await session.Query(sql.ToString(), [.. values]);
        var page = found.Take((int)limit);
        return Answer.Ok(List(url, before is null ? page : page.Reverse(), found.Count > limit));

        void Add(string condition, object value)
        {
            values.Add(value);
            sql.Append($" and {condition} ${values.Count}");
        }
    }

    /// <summary>A list object.</summary>
    public static JsonObject List(string url, IEnumerable<JsonObject> data, bool hasMore) => new()
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. data]),
        ["has_more"] = hasMore,
        ["url"] = url,
    };

    private static readonly (string Name, string Comparison)[] Comparisons =
        [("created", "="), ("created[gte]", ">="), ("created[gt]", ">"), ("created[lte]", "<="), ("created[lt]", "<")];
}
