using System.Text.Json;
using Marketplace.LocalSidecar.Publishing;
using Marketplace.LocalSidecar.Routing;

namespace Marketplace.LocalSidecar.Subscriptions;

/// <summary>How bulk deliveries are gathered (wire contract §4.7).</summary>
internal sealed record BulkSettings(int MaxMessages, TimeSpan MaxWait)
{
    /// <summary>Zero or less takes daprd's defaults: 100 messages, 1 s.</summary>
    public static BulkSettings Create(int count, int waitMilliseconds) =>
        new(count > 0 ? count : 100, TimeSpan.FromMilliseconds(waitMilliseconds > 0 ? waitMilliseconds : 1_000));
}

/// <param name="Match">Null matches everything.</param>
internal sealed record RoutingRule(CelExpression? Match, string Path);

/// <summary>What one app wants of one topic.</summary>
/// <param name="RawPayload">Null when the flag is no boolean: every message then fails, as in daprd.</param>
internal sealed record Subscription(
    string PubSub,
    string Topic,
    IReadOnlyList<RoutingRule> Rules,
    string? DeadLetterTopic,
    bool? RawPayload,
    BulkSettings? Bulk,
    bool IsDeclared)
{
    /// <summary>Null when there is no route at all: daprd drops such a subscription with a warning.</summary>
    /// <exception cref="CelSyntaxException">A rule is outside the supported subset of CEL.</exception>
    public static Subscription? Create(
        string pubsub,
        string topic,
        IReadOnlyList<(string Match, string Path)> rules,
        string defaultPath,
        string? deadLetterTopic,
        IReadOnlyDictionary<string, string> metadata,
        BulkSettings? bulk,
        bool isDeclared)
    {
        var all = rules.Select(rule => new RoutingRule(rule.Match.Length == 0 ? null : CelExpression.Parse(rule.Match, "event"), rule.Path)).ToList();
        if (defaultPath.Length > 0)
            all.Add(new RoutingRule(null, defaultPath));
        if (all.Count == 0)
            return null;
        bool? raw = metadata.TryGetValue("rawPayload", out var flag) ? GoBoolean.Parse(flag) : false;
        return new Subscription(pubsub, topic, all, string.IsNullOrEmpty(deadLetterTopic) ? null : deadLetterTopic, raw, bulk, isDeclared);
    }

    public bool NeedsContent => Rules.Any(rule => rule.Match is not null);

    /// <summary>The path of the first rule that holds, null when none does.</summary>
    /// <exception cref="CelRuntimeException">A rule could not be evaluated; that fails the message.</exception>
    public string? Route(JsonElement? cloudEvent) =>
        Rules.FirstOrDefault(rule => rule.Match is null || rule.Match.IsTrue(_ => cloudEvent))?.Path;
}
