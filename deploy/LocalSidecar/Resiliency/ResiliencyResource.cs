namespace Marketplace.LocalSidecar.Resiliency;

/// <summary>What applies to one direction of one target; null members do nothing.</summary>
internal sealed record TargetPolicy(TimeSpan? Timeout, RetryPolicy? Retry, CircuitBreakerPolicy? Breaker)
{
    public static readonly TargetPolicy None = new(null, null, null);
}

/// <summary>One Resiliency document (wire contract §12).</summary>
/// <param name="Scopes">The app-ids that load it; empty is everyone.</param>
internal sealed record ResiliencyResource(
    IReadOnlyList<string> Scopes,
    IReadOnlyDictionary<string, TimeSpan> Timeouts,
    IReadOnlyDictionary<string, RetryPolicy> Retries,
    IReadOnlyDictionary<string, CircuitBreakerPolicy> Breakers,
    IReadOnlyDictionary<string, (TargetPolicy Inbound, TargetPolicy Outbound)> Components,
    IReadOnlyDictionary<string, TargetPolicy> Apps);

/// <summary>The policies one app sees, with daprd's order: an explicit target, else the reserved default names, else nothing.</summary>
internal sealed class Policies(IEnumerable<ResiliencyResource> all, string appId)
{
    private readonly List<ResiliencyResource> _resources = all.Where(one => one.Scopes.Count == 0 || one.Scopes.Contains(appId)).ToList();

    /// <summary>Deliveries from the component to the app.</summary>
    public TargetPolicy Inbound(string component) => Target(component) is { } target ? target.Inbound : Default("PubsubComponentInbound", "ComponentInbound", "Component", "");

    /// <summary>Publishing to the component.</summary>
    public TargetPolicy Outbound(string component) => Target(component) is { } target ? target.Outbound : Default("PubsubComponentOutbound", "ComponentOutbound", "Component", "");

    /// <summary>Calls to another app; null when only the built-in retry applies.</summary>
    public TargetPolicy? App(string target)
    {
        if (_resources.FirstOrDefault(one => one.Apps.ContainsKey(target)) is { } found)
            return found.Apps[target];
        var byName = Default("App", "");
        return byName == TargetPolicy.None ? null : byName;
    }

    /// <summary>The longest attempt that any inbound policy allows, so that a lease outlasts it.</summary>
    public TimeSpan LongestTimeout => _resources.SelectMany(one => one.Timeouts.Values).Append(TimeSpan.Zero).Max();

    private (TargetPolicy Inbound, TargetPolicy Outbound)? Target(string component) =>
        _resources.FirstOrDefault(one => one.Components.ContainsKey(component)) is { } found ? found.Components[component] : null;

    // Naming a target switches the defaults off for both of its directions, so they are only asked for without one.
    private TargetPolicy Default(params string[] scopes) => new(
        Named<TimeSpan?>(scopes, "TimeoutPolicy", (one, name) => one.Timeouts.TryGetValue(name, out var found) ? found : null),
        Named(scopes, "RetryPolicy", (one, name) => one.Retries.GetValueOrDefault(name)),
        Named(scopes, "CircuitBreakerPolicy", (one, name) => one.Breakers.GetValueOrDefault(name)));

    private T? Named<T>(string[] scopes, string kind, Func<ResiliencyResource, string, T?> find) =>
        scopes.SelectMany(scope => _resources.Select(one => find(one, $"Default{scope}{kind}"))).FirstOrDefault(found => found is not null);
}
