using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Marketplace.Deploy.Tests.Reading;

/// <summary>YAML as JSON: anchors and merge keys resolved, unquoted scalars typed as YAML 1.2 has them.</summary>
internal static class Yaml
{
    /// <summary>The documents of a file.</summary>
    /// <exception cref="YamlException">It is no YAML, or has a key twice.</exception>
    public static List<JsonNode> Documents(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(document => ToJson(document.RootNode)).OfType<JsonNode>()];
    }

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode map => Object(map),
        YamlSequenceNode list => new JsonArray([.. list.Select(ToJson)]),
        YamlScalarNode scalar => Scalar(scalar),
        _ => throw new InvalidOperationException($"{node.NodeType} is not expected."),
    };

    private static JsonObject Object(YamlMappingNode map)
    {
        var result = new JsonObject();
        foreach (var (key, value) in map.Children.Where(entry => Key(entry.Key) == "<<"))
        {
            foreach (var source in value is YamlSequenceNode list ? list.Children : [value])
            {
                foreach (var (name, inherited) in Object((YamlMappingNode)source))
                {
                    result.TryAdd(name, inherited?.DeepClone());
                }
            }
        }

        foreach (var (key, value) in map.Children.Where(entry => Key(entry.Key) != "<<"))
        {
            result[Key(key)] = ToJson(value);
        }

        return result;
    }

    private static string Key(YamlNode node) => ((YamlScalarNode)node).Value ?? "";

    private static JsonNode? Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        if (scalar.Style != ScalarStyle.Plain)
        {
            return text;
        }

        return text switch
        {
            "" or "~" or "null" => null,
            "true" => true,
            "false" => false,
            _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            _ when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number,
            _ => text,
        };
    }
}
