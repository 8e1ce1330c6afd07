namespace Marketplace.LocalSidecar.Publishing;

/// <summary>Which app may publish and subscribe to which topic, from a component's metadata (wire contract §8).</summary>
internal sealed record TopicScopes(
    IReadOnlyDictionary<string, string[]> Publishing,
    IReadOnlyDictionary<string, string[]> Subscribing,
    string[] Allowed,
    string[] Protected)
{
    public static TopicScopes Read(IReadOnlyDictionary<string, string> metadata) => new(
        PerApp(metadata.GetValueOrDefault("publishingScopes")),
        PerApp(metadata.GetValueOrDefault("subscriptionScopes")),
        Topics(metadata.GetValueOrDefault("allowedTopics")),
        Topics(metadata.GetValueOrDefault("protectedTopics")));

    public bool MayPublish(string appId, string topic) => IsAllowed(Publishing, appId, topic);

    public bool MaySubscribe(string appId, string topic) => IsAllowed(Subscribing, appId, topic);

    private bool IsAllowed(IReadOnlyDictionary<string, string[]> scopes, string appId, string topic)
    {
        if (Allowed.Length > 0 && !Allowed.Contains(topic))
            return false;
        var hasEntry = scopes.TryGetValue(appId, out var topics);
        return (!hasEntry && !Protected.Contains(topic)) || (hasEntry && topics!.Contains(topic));
    }

    private static Dictionary<string, string[]> PerApp(string? text)
    {
        var scopes = new Dictionary<string, string[]>();
        foreach (var entry in (text ?? "").Replace(" ", "").Split(';', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = entry.Split('=', 2);
            if (parts.Length == 2)
                scopes[parts[0]] = parts[1].Split(',');
        }
        return scopes;
    }

    private static string[] Topics(string? text) => (text ?? "").Replace(" ", "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}
