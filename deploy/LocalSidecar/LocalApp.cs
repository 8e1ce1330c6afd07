using System.Collections.Concurrent;
using System.Collections.Frozen;
using Marketplace.LocalSidecar.Resiliency;
using Marketplace.LocalSidecar.Resources;
using Marketplace.LocalSidecar.Subscriptions;

namespace Marketplace.LocalSidecar;

/// <summary>One app and all that its own daprd would hold in memory for it.</summary>
internal sealed class LocalApp(AppSettings settings, ResourceFiles resources, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, CircuitBreaker> _breakers = new();
    private volatile FrozenDictionary<(string PubSub, string Topic), Subscription> _subscriptions = FrozenDictionary<(string, string), Subscription>.Empty;
    private volatile bool _isLive;
    private volatile bool _hasBeenSeen;
    private volatile bool _isStopped;

    public AppSettings Settings { get; } = settings;

    public string AppId => Settings.AppId;

    public FrozenDictionary<string, PubSubComponent> Components { get; } = resources.Components
        .Where(component => component.Scopes.Count == 0 || component.Scopes.Contains(settings.AppId))
        .ToFrozenDictionary(component => component.Name);

    public IReadOnlyList<Subscription> Declared { get; } = resources.Subscriptions
        .Where(declared => declared.Scopes.Count == 0 || declared.Scopes.Contains(settings.AppId))
        .Select(declared => declared.Subscription)
        .ToList();

    public Policies Policies { get; } = new(resources.Resiliencies, settings.AppId);

    /// <summary>What PUT /v1.0/metadata/{key} stored.</summary>
    public ConcurrentDictionary<string, string> Extended { get; } = new();

    public FrozenDictionary<(string PubSub, string Topic), Subscription> Subscriptions => _subscriptions;

    /// <summary>The app listens, is healthy and has been asked for its subscriptions: it may be sent messages.</summary>
    public bool IsLive => _isLive;

    /// <summary>The app's port was open at some time; daprd's health stays green from then on.</summary>
    public bool HasBeenSeen => _hasBeenSeen || Settings.AppPort == 0;

    /// <summary>This app's sidecar was shut down through its API; those of the other apps go on.</summary>
    public bool IsStopped => _isStopped;

    public void Seen() => _hasBeenSeen = true;

    public void GoLive(IEnumerable<Subscription> subscriptions)
    {
        _subscriptions = subscriptions.DistinctBy(one => (one.PubSub, one.Topic)).ToFrozenDictionary(one => (one.PubSub, one.Topic));
        _isLive = !_isStopped;
    }

    public void GoAway() => _isLive = false;

    public void Stop()
    {
        _isStopped = true;
        _isLive = false;
    }

    public bool MayPublish(string pubsub, string topic) => Components.TryGetValue(pubsub, out var component) && component.Topics.MayPublish(AppId, topic);

    /// <summary>The breaker in front of the target, null when no policy asks for one.</summary>
    public CircuitBreaker? Breaker(string target, CircuitBreakerPolicy? policy) =>
        policy is null ? null : _breakers.GetOrAdd(target, _ => new CircuitBreaker(policy, clock));
}
