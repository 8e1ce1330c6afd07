using System.Text.Json;
using Marketplace.LocalSidecar.Routing;

namespace Marketplace.LocalSidecar.Subscriptions;

/// <summary>Reads an app's answer to GET /dapr/subscribe (wire contract §4.1).</summary>
internal static class ReadSubscriptions
{
    /// <summary>Names match without regard to case; one entry that cannot be decoded makes the whole answer worthless, as in daprd.</summary>
    /// <exception cref="JsonException">The answer is not what the contract says.</exception>
    /// <exception cref="CelSyntaxException">A rule is outside the supported subset of CEL.</exception>
    public static List<Subscription> From(ReadOnlyMemory<byte> answer)
    {
        if (answer.Length == 0)
            return [];
        using var document = JsonDocument.Parse(answer);
        if (document.RootElement.ValueKind == JsonValueKind.Null)
            return [];
        if (document.RootElement.ValueKind != JsonValueKind.Array)
            throw new JsonException("an array of subscriptions was expected");
        return document.RootElement.EnumerateArray().Select(One).OfType<Subscription>().ToList();
    }

    private static Subscription? One(JsonElement entry)
    {
        var routes = entry.Field("routes");
        var rules = routes?.Field("rules") is { ValueKind: JsonValueKind.Array } list
            ? list.EnumerateArray().Select(rule => (rule.TextField("match"), rule.TextField("path"))).ToList()
            : [];
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (entry.Field("metadata") is { } given)
            foreach (var item in Object(given).EnumerateObject())
                metadata[item.Name] = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : throw new JsonException($"metadata '{item.Name}' is not a string");
        var bulk = entry.Field("bulkSubscribe") is { } asked && asked.Field("enabled")?.ValueKind == JsonValueKind.True
            ? BulkSettings.Create(asked.NumberField("maxMessagesCount"), asked.NumberField("maxAwaitDurationMs"))
            : null;

        return Subscription.Create(
            entry.TextField("pubsubname"),
            entry.TextField("topic"),
            rules,
            routes?.TextField("default") is { Length: > 0 } otherwise ? otherwise : entry.TextField("route"),
            entry.TextField("deadLetterTopic"),
            metadata,
            bulk,
            isDeclared: false);
    }

    private static JsonElement Object(JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element : throw new JsonException("an object was expected");

    private static JsonElement? Field(this JsonElement element, string name)
    {
        foreach (var field in Object(element).EnumerateObject())
            if (field.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
                return field.Value.ValueKind == JsonValueKind.Null ? null : field.Value;
        return null;
    }

    private static string TextField(this JsonElement element, string name) => element.Field(name) switch
    {
        null => "",
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => throw new JsonException($"'{name}' is not a string"),
    };

    private static int NumberField(this JsonElement element, string name) => element.Field(name) switch
    {
        null => 0,
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out var value) => value,
        _ => throw new JsonException($"'{name}' is not a number"),
    };
}
