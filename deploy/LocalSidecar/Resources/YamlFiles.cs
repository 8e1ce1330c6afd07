using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Marketplace.LocalSidecar.Resources;

/// <summary>One YAML document and where it came from, for messages.</summary>
internal sealed record ResourceDocument(string Origin, YamlMappingNode Root)
{
    public InvalidOperationException Problem(string text) => new($"{Origin}: {text}");
}

/// <summary>Reads a resources folder as daprd's --resources-path does: every .yaml and .yml in it, several documents per file.</summary>
internal static class YamlFiles
{
    public static IEnumerable<ResourceDocument> Read(string folder)
    {
        var files = Directory.EnumerateFiles(folder).Where(file => Path.GetExtension(file) is ".yaml" or ".yml").Order(StringComparer.Ordinal);
        foreach (var file in files)
        {
            var stream = new YamlStream();
            try
            {
                using var text = new StreamReader(file);
                stream.Load(text);
            }
            catch (YamlException problem)
            {
                throw new InvalidOperationException($"{Path.GetFileName(file)}: {problem.Message}");
            }
            foreach (var document in stream.Documents)
                if (document.RootNode is YamlMappingNode root)
                    yield return new ResourceDocument(Path.GetFileName(file), root);
        }
    }

    public static YamlNode? Child(this YamlNode? node, string name) =>
        node is YamlMappingNode map && map.Children.TryGetValue(new YamlScalarNode(name), out var child) ? child : null;

    public static string? Text(this YamlNode? node, string name) => (node.Child(name) as YamlScalarNode)?.Value;

    public static IEnumerable<YamlNode> Items(this YamlNode? node, string name) => node.Child(name) as YamlSequenceNode ?? [];

    public static IEnumerable<(string Name, YamlNode Value)> Entries(this YamlNode? node, string name) =>
        node.Child(name) is YamlMappingNode map ? map.Children.Select(entry => (((YamlScalarNode)entry.Key).Value ?? "", entry.Value)) : [];

    public static IReadOnlyList<string> Texts(this YamlNode? node, string name) =>
        node.Items(name).OfType<YamlScalarNode>().Select(item => item.Value ?? "").ToList();
}
