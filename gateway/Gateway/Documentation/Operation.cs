using System.Text.Json;

namespace Marketplace.Gateway.Documentation;

/// <summary>A field of a body: <c>tiers[].minQuantity</c>, <c>integer</c>.</summary>
public sealed record Field(string Path, string Type, bool Required);

/// <summary>A parameter in the path, query or headers.</summary>
public sealed record Parameter(string Name, string In, string Type, bool Required);

/// <summary>One answer of an operation.</summary>
public sealed record Reply(string Status, string Description, IReadOnlyList<Field> Fields);

/// <summary>A method at a path, as an OpenAPI document (3.0 or 3.1) describes it.</summary>
public sealed record Operation(string Method, string Path, string Summary, IReadOnlyList<Parameter> Parameters, IReadOnlyList<Field> Body, IReadOnlyList<Reply> Replies)
{
    private const int Deepest = 6;
    private static readonly string[] Methods = ["get", "post", "put", "patch", "delete"];

    /// <summary>An anchor that is unique within its document.</summary>
    public string Anchor => $"{Method}-{Path.Trim('/').Replace('/', '-').Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}".ToLowerInvariant();

    /// <summary>All operations of a document, in its order.</summary>
    public static IReadOnlyList<Operation> Of(JsonElement document) =>
        Members(Member(document, "paths"))
            .SelectMany(path => Methods.Where(m => Member(path.Value, m) is not null).Select(m => Read(document, m, path.Name, path.Value)))
            .ToList();

    private static Operation Read(JsonElement document, string method, string path, JsonElement item)
    {
        var operation = Member(item, method)!.Value;
        var parameters = Items(Member(item, "parameters")).Concat(Items(Member(operation, "parameters"))).Select(p => Resolve(document, p))
            .Select(p => new Parameter(Text(p, "name"), Text(p, "in"), TypeOf(document, Member(p, "schema")), Member(p, "required")?.ValueKind == JsonValueKind.True))
            .ToList();
        var replies = Members(Member(operation, "responses"))
            .Select(r => new Reply(r.Name, Text(r.Value, "description"), Fields(document, Schema(Resolve(document, r.Value)))))
            .ToList();
        var body = Member(operation, "requestBody") is { } b ? Fields(document, Schema(Resolve(document, b))) : [];
        var summary = Text(operation, "summary") is { Length: > 0 } text ? text : Text(operation, "description");
        return new Operation(method.ToUpperInvariant(), path, summary, parameters, body, replies);
    }

    private static JsonElement? Schema(JsonElement content) => Members(Member(content, "content")).Select(c => Member(c.Value, "schema")).FirstOrDefault();

    private static List<Field> Fields(JsonElement document, JsonElement? schema)
    {
        var fields = new List<Field>();
        Collect(document, schema, "", required: true, 0, fields);
        return fields;
    }

    private static void Collect(JsonElement document, JsonElement? schema, string path, bool required, int depth, List<Field> fields)
    {
        if (schema is null || depth > Deepest)
        {
            return;
        }

        var actual = Actual(document, schema.Value);
        if (path.Length > 0 || Member(actual, "properties") is null)
        {
            fields.Add(new Field(path, TypeOf(document, actual), required));
        }

        var inside = Member(actual, "items") is { } items ? (Schema: Actual(document, items), Path: path + "[]") : (Schema: actual, Path: path);
        var mandatory = Items(Member(inside.Schema, "required")).Select(r => r.GetString()).ToHashSet();
        foreach (var property in Members(Member(inside.Schema, "properties")))
        {
            Collect(document, property.Value, inside.Path.Length == 0 ? property.Name : $"{inside.Path}.{property.Name}", mandatory.Contains(property.Name), depth + 1, fields);
        }
    }

    private static string TypeOf(JsonElement document, JsonElement? schema)
    {
        if (schema is null)
        {
            return "";
        }

        var actual = Actual(document, schema.Value);
        if (Member(actual, "enum") is { ValueKind: JsonValueKind.Array } values)
        {
            return string.Join(" | ", values.EnumerateArray().Select(v => v.ToString()));
        }

        var type = Member(actual, "type") switch
        {
            { ValueKind: JsonValueKind.Array } several => several.EnumerateArray().Select(t => t.GetString()!).Where(t => t != "null").ToList() is var named && named.Contains("integer") ? "integer" : string.Join(" | ", named),
            { ValueKind: JsonValueKind.String } one => one.GetString()!,
            _ => Member(actual, "properties") is null ? "any" : "object",
        };
        return type == "array" ? $"{TypeOf(document, Member(actual, "items"))}[]"
            : Text(actual, "format") is { Length: > 0 } format && format is not ("int32" or "int64") ? $"{type} ({format})"
            : type;
    }

    /// <summary>Follows references, and takes the one real alternative of a nullable schema.</summary>
    private static JsonElement Actual(JsonElement document, JsonElement schema)
    {
        var resolved = Resolve(document, schema);
        var alternatives = Items(Member(resolved, "oneOf")).Concat(Items(Member(resolved, "anyOf"))).Concat(Items(Member(resolved, "allOf")))
            .Where(a => Text(a, "type") != "null").ToList();
        return alternatives.Count == 1 ? Resolve(document, alternatives[0]) : resolved;
    }

    private static JsonElement Resolve(JsonElement document, JsonElement element)
    {
        for (var i = 0; i < Deepest && Text(element, "$ref") is { Length: > 2 } reference && reference.StartsWith("#/", StringComparison.Ordinal); i++)
        {
            var target = reference[2..].Split('/').Aggregate((JsonElement?)document, (at, name) => at is null ? null : Member(at.Value, name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));
            if (target is null)
            {
                break;
            }

            element = target.Value;
        }

        return element;
    }

    private static JsonElement? Member(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : null;

    private static IEnumerable<JsonProperty> Members(JsonElement? element) => element is { ValueKind: JsonValueKind.Object } e ? e.EnumerateObject() : Enumerable.Empty<JsonProperty>();

    private static IEnumerable<JsonElement> Items(JsonElement? element) => element is { ValueKind: JsonValueKind.Array } e ? e.EnumerateArray() : Enumerable.Empty<JsonElement>();

    private static string Text(JsonElement element, string name) => Member(element, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";
}
