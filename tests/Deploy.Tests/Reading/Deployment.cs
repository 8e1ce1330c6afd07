using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Testing;

namespace Marketplace.Deploy.Tests.Reading;

/// <summary>Everything that says how the marketplace is deployed, as data: a copy of its own, which a test may break.</summary>
internal sealed partial class Deployment
{
    /// <summary><c>docker-compose.yml</c>.</summary>
    public required JsonObject Compose { get; init; }

    /// <summary><c>.env.example</c>.</summary>
    public required Dictionary<string, string> Example { get; init; }

    /// <summary>The Kubernetes objects by overlay.</summary>
    public required Dictionary<string, List<JsonObject>> Kubernetes { get; init; }

    /// <summary>The Dapr resources by folder of <c>deploy/dapr</c>.</summary>
    public required Dictionary<string, List<JsonObject>> Dapr { get; init; }

    /// <summary>The broker's exchanges, queues and bindings.</summary>
    public required JsonObject Topology { get; init; }

    /// <summary>What each app subscribes to, as it tells its sidecar.</summary>
    public required Dictionary<string, JsonArray> Subscriptions { get; init; }

    /// <summary>The files of <c>deploy/telemetry</c> by their path below it.</summary>
    public required Dictionary<string, JsonNode> Telemetry { get; init; }

    /// <summary>The recipe of the images.</summary>
    public required string Dockerfile { get; set; }

    /// <summary>The script that makes the Secrets.</summary>
    public required string CreateSecrets { get; set; }

    /// <summary>The script that makes the databases.</summary>
    public required string CreateDatabases { get; set; }

    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy");

    public static async Task<Deployment> LoadAsync() => new()
    {
        Subscriptions = await Code.SubscriptionsAsync(),
        Compose = Yaml.Documents(File.ReadAllText(Path.Combine(Repository.Root, "docker-compose.yml"))).Single().AsObject(),
        Example = Variables(File.ReadLines(Path.Combine(Repository.Root, ".env.example"))),
        Kubernetes = Directory.GetDirectories(Path.Combine(Folder, "kubernetes", "overlays")).ToDictionary(o => Path.GetFileName(o)!, Kustomize.Render),
        Dapr = Directory.GetDirectories(Path.Combine(Folder, "dapr")).ToDictionary(
            f => Path.GetFileName(f)!, f => Directory.GetFiles(f, "*.yaml").SelectMany(file => Yaml.Documents(File.ReadAllText(file))).Cast<JsonObject>().ToList()),
        Telemetry = Directory.EnumerateFiles(Path.Combine(Folder, "telemetry"), "*.*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(Path.Combine(Folder, "telemetry"), file).Replace('\\', '/'), file => Yaml.Documents(File.ReadAllText(file)).Single()),
        Topology = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "dapr", "rabbitmq", "definitions.json")))!.AsObject(),
        Dockerfile = File.ReadAllText(Path.Combine(Folder, "images", "Dockerfile")),
        CreateSecrets = File.ReadAllText(Path.Combine(Folder, "kubernetes", "create-secrets.sh")),
        CreateDatabases = File.ReadAllText(Path.Combine(Folder, "postgres", "create-databases.sh")),
    };

    /// <summary>The lines of an environment file.</summary>
    public static Dictionary<string, string> Variables(IEnumerable<string> lines) => lines
        .Where(line => line.Length > 0 && line[0] != '#')
        .ToDictionary(line => line[..line.IndexOf('=')], line => line[(line.IndexOf('=') + 1)..]);

    /// <summary>A container of compose.</summary>
    public JsonNode? Service(string name) => Compose["services"]![name];

    /// <summary>A Kubernetes object of an overlay.</summary>
    public JsonObject? Object(string overlay, string kind, string name) =>
        Kubernetes[overlay].FirstOrDefault(o => o.Text("kind") == kind && o.Text("metadata/name") == name);

    /// <summary>What a container of compose is told; <c>${…}</c> replaced from <paramref name="variables"/>, left as it is without.</summary>
    public Dictionary<string, string> ComposeSettings(string name, IReadOnlyDictionary<string, string>? variables = null) =>
        Service(name).Entries("environment").ToDictionary(e => e.Name, e => variables is null
            ? $"{e.Value}"
            : Variable().Replace($"{e.Value}", match => variables[match.Groups["name"].Value]));

    /// <summary>What the container <c>app</c> of a Deployment is told; secrets by <paramref name="secret"/>.</summary>
    public Dictionary<string, string> KubernetesSettings(string overlay, string name, Func<string, string, string> secret)
    {
        var container = Object(overlay, "Deployment", name).Items("spec/template/spec/containers").First(c => c.Text("name") == "app");
        var settings = container.Items("envFrom")
            .SelectMany(from => Object(overlay, "ConfigMap", from.Text("configMapRef/name") ?? "").Entries("data"))
            .ToDictionary(e => e.Name, e => $"{e.Value}");
        foreach (var variable in container.Items("env"))
        {
            var value = variable.Text("value") ?? secret(variable.Text("valueFrom/secretKeyRef/name") ?? "", variable.Text("valueFrom/secretKeyRef/key") ?? "");
            settings[variable.Text("name")!] = Reference().Replace(value, match => settings.GetValueOrDefault(match.Groups[1].Value, match.Value));
        }

        return settings;
    }

    /// <summary><c>${NAME}</c>, with or without what to do when it is missing.</summary>
    [GeneratedRegex(@"\$\{(?<name>[A-Z0-9_]+)(?<rule>:?[?+-][^}]*)?\}")]
    public static partial Regex Variable();

    [GeneratedRegex(@"\$\(([A-Z_]+)\)")]
    private static partial Regex Reference();
}
