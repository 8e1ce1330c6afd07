using Marketplace.LocalSidecar.Publishing;
using Marketplace.LocalSidecar.Resiliency;
using Marketplace.LocalSidecar.Subscriptions;

namespace Marketplace.LocalSidecar.Resources;

/// <summary>A pub/sub component. Its type is the only thing that changes when the same files go to daprd.</summary>
/// <param name="Scopes">The app-ids that load it; empty is everyone.</param>
internal sealed record PubSubComponent(string Name, string Type, IReadOnlyList<string> Scopes, TopicScopes Topics)
{
    public const string LocalType = "pubsub.local-postgres";
}

internal sealed record DeclaredSubscription(IReadOnlyList<string> Scopes, Subscription Subscription);

/// <summary>What the resources folders say. A file that cannot be understood stops the start: guessing would lose messages later.</summary>
internal sealed record ResourceFiles(
    IReadOnlyList<PubSubComponent> Components,
    IReadOnlyList<DeclaredSubscription> Subscriptions,
    IReadOnlyList<ResiliencyResource> Resiliencies)
{
    /// <summary>Reads one folder or several, in the operating system's notation of paths: what daprd takes as repeated --resources-path.</summary>
    public static ResourceFiles Load(string? paths)
    {
        var folders = (paths ?? "").Split(Path.PathSeparator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var components = new List<PubSubComponent>();
        var subscriptions = new List<DeclaredSubscription>();
        var resiliencies = new List<ResiliencyResource>();
        if (folders.FirstOrDefault(folder => !Directory.Exists(folder)) is { } missing)
            throw new InvalidOperationException($"Sidecar:ResourcesPath: there is no folder '{missing}'");

        foreach (var document in folders.SelectMany(YamlFiles.Read))
        {
            switch (document.Root.Text("kind"))
            {
                case "Component":
                    components.Add(ReadComponent(document));
                    break;
                case "Subscription":
                    subscriptions.Add(ReadSubscription(document));
                    break;
                case "Resiliency":
                    resiliencies.Add(ReadResiliency.From(document));
                    break;
                case "Configuration":
                    break;
                default:
                    throw document.Problem($"kind '{document.Root.Text("kind")}' is not supported");
            }
        }
        if (components.GroupBy(component => component.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new InvalidOperationException($"component '{twice.Key}' is declared twice");
        return new ResourceFiles(components, subscriptions, resiliencies);
    }

    private static PubSubComponent ReadComponent(ResourceDocument document)
    {
        var name = document.Root.Child("metadata").Text("name") ?? throw document.Problem("a component needs metadata.name");
        var spec = document.Root.Child("spec");
        var type = spec.Text("type");
        if (type != PubSubComponent.LocalType)
            throw document.Problem($"component '{name}' has type '{type}'; this sidecar knows {PubSubComponent.LocalType}");
        var metadata = spec.Items("metadata").ToDictionary(item => item.Text("name") ?? "", item => item.Text("value") ?? "", StringComparer.OrdinalIgnoreCase);
        return new PubSubComponent(name, type, document.Root.Texts("scopes"), TopicScopes.Read(metadata));
    }

    private static DeclaredSubscription ReadSubscription(ResourceDocument document)
    {
        var spec = document.Root.Child("spec");
        var routes = spec.Child("routes");
        var bulk = spec.Child("bulkSubscribe");
        var subscription = Subscription.Create(
            spec.Text("pubsubname") ?? throw document.Problem("a subscription needs spec.pubsubname"),
            spec.Text("topic") ?? throw document.Problem("a subscription needs spec.topic"),
            routes.Items("rules").Select(rule => (rule.Text("match") ?? "", rule.Text("path") ?? "")).ToList(),
            routes.Text("default") is { Length: > 0 } otherwise ? otherwise : spec.Text("route") ?? "",
            spec.Text("deadLetterTopic"),
            spec.Entries("metadata").ToDictionary(entry => entry.Name, entry => entry.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            bulk.Text("enabled") == "true"
                ? BulkSettings.Create(int.TryParse(bulk.Text("maxMessagesCount"), out var count) ? count : 0, int.TryParse(bulk.Text("maxAwaitDurationMs"), out var wait) ? wait : 0)
                : null,
            isDeclared: true) ?? throw document.Problem("a subscription needs a route");
        return new DeclaredSubscription(document.Root.Texts("scopes"), subscription);
    }
}
