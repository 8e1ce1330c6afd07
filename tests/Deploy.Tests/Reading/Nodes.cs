using System.Text.Json.Nodes;

namespace Marketplace.Deploy.Tests.Reading;

/// <summary>Short ways through JSON whose absence is an answer as well.</summary>
internal static class Nodes
{
    /// <summary>The node at a path of names and list positions (<c>spec/template/0/name</c>); null where there is none.</summary>
    public static JsonNode? At(this JsonNode? node, string path)
    {
        foreach (var step in path.Split('/'))
        {
            node = node switch
            {
                JsonObject map => map[step.Replace("~1", "/", StringComparison.Ordinal)],
                JsonArray list when int.TryParse(step, out var n) && n < list.Count => list[n],
                _ => null,
            };
        }

        return node;
    }

    /// <summary>A scalar there, as text.</summary>
    public static string? Text(this JsonNode? node, string path) => node.At(path) is JsonValue value ? value.ToString() : null;

    /// <summary>A list there; empty when there is none.</summary>
    public static IEnumerable<JsonNode> Items(this JsonNode? node, string path) => (node.At(path) as JsonArray ?? []).OfType<JsonNode>();

    /// <summary>A list of texts there.</summary>
    public static List<string> Texts(this JsonNode? node, string path) => [.. node.Items(path).Select(item => item.ToString())];

    /// <summary>A map there; empty when there is none.</summary>
    public static IEnumerable<(string Name, JsonNode? Value)> Entries(this JsonNode? node, string path) =>
        (node.At(path) as JsonObject ?? []).Select(entry => (entry.Key, entry.Value));

    /// <summary>Every text in it.</summary>
    public static IEnumerable<string> AllTexts(this JsonNode? node) => node switch
    {
        JsonObject map => map.SelectMany(entry => AllTexts(entry.Value)),
        JsonArray list => list.SelectMany(AllTexts),
        JsonValue value => [value.ToString()],
        _ => [],
    };
}
