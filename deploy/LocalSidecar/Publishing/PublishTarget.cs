namespace Marketplace.LocalSidecar.Publishing;

/// <summary>Component, topic and metadata of a publish request, once they are known to be acceptable.</summary>
internal sealed record PublishTarget(string PubSub, string Topic, IReadOnlyDictionary<string, string> Metadata, bool RawPayload)
{
    /// <summary>Checks in daprd's order: name, component, topic, metadata, scopes (wire contract §1.4).</summary>
    /// <param name="path">What follows publish/ or publish/bulk/ in the URL: component, then the topic with all its slashes.</param>
    public static (PublishTarget? Target, DaprError? Error) Read(LocalApp app, string path, IQueryCollection query)
    {
        var slash = path.IndexOf('/');
        var pubsub = Unescape(slash < 0 ? path : path[..slash]);
        var topic = slash < 0 ? "" : Unescape(path[(slash + 1)..]);
        if (app.Components.Count == 0)
            return (null, DaprError.PubSubNotConfigured());
        if (pubsub.Length == 0)
            return (null, DaprError.PubSubEmpty());
        if (!app.Components.TryGetValue(pubsub, out var component))
            return (null, DaprError.PubSubNotFound(pubsub));
        if (topic.Length == 0)
            return (null, DaprError.TopicEmpty(pubsub));

        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (key, values) in query)
            if (key.StartsWith("metadata.", StringComparison.Ordinal))
                metadata.TryAdd(key["metadata.".Length..], values.Count > 0 ? values[0] ?? "" : "");
        bool? raw = metadata.TryGetValue("rawPayload", out var flag) ? GoBoolean.Parse(flag) : false;
        if (raw is null)
            return (null, DaprError.BadMetadata(pubsub, $"rawPayload value must be a valid boolean: actual is '{flag}'"));
        if (!component.Topics.MayPublish(app.AppId, topic))
            return (null, DaprError.Forbidden(pubsub, topic, app.AppId));
        return (new PublishTarget(pubsub, topic, metadata, raw.Value), null);
    }

    // Routing has decoded everything but the slash.
    private static string Unescape(string segment) => segment.Replace("%2F", "/", StringComparison.OrdinalIgnoreCase);
}
