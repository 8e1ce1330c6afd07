using Marketplace.LocalSidecar.Routing;

namespace Marketplace.LocalSidecar.Resiliency;

/// <param name="Trip">Over requests, totalSuccesses, totalFailures, consecutiveSuccesses, consecutiveFailures.</param>
/// <param name="Interval">How often the counts are cleared while closed; zero is never.</param>
/// <param name="Open">How long it stays open.</param>
internal sealed record CircuitBreakerPolicy(int MaxRequests, TimeSpan Interval, TimeSpan Open, CelExpression Trip)
{
    public static readonly string[] Variables = ["requests", "totalSuccesses", "totalFailures", "consecutiveSuccesses", "consecutiveFailures"];
}

/// <summary>Closed, open, half open; kept in memory per app and component, as in daprd.</summary>
internal sealed class CircuitBreaker(CircuitBreakerPolicy policy, TimeProvider clock)
{
    private enum State { Closed, Open, HalfOpen }

    private readonly Lock _lock = new();
    private readonly Dictionary<string, double> _counts = CircuitBreakerPolicy.Variables.ToDictionary(name => name, _ => 0d);
    private State _state = State.Closed;
    private DateTimeOffset _since = clock.GetUtcNow();

    /// <summary>True when a request may be made; <see cref="Record"/> must follow.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            var age = clock.GetUtcNow() - _since;
            if (_state == State.Open && age >= policy.Open)
                Become(State.HalfOpen);
            else if (_state == State.Closed && policy.Interval > TimeSpan.Zero && age >= policy.Interval)
                Become(State.Closed);
            if (_state == State.Open || (_state == State.HalfOpen && _counts["requests"] >= Math.Max(1, policy.MaxRequests)))
                return false;
            _counts["requests"]++;
            return true;
        }
    }

    public void Record(bool success)
    {
        lock (_lock)
        {
            _counts[success ? "totalSuccesses" : "totalFailures"]++;
            _counts["consecutiveSuccesses"] = success ? _counts["consecutiveSuccesses"] + 1 : 0;
            _counts["consecutiveFailures"] = success ? 0 : _counts["consecutiveFailures"] + 1;

            if (_state == State.HalfOpen && !success)
                Become(State.Open);
            else if (_state == State.HalfOpen && _counts["consecutiveSuccesses"] >= Math.Max(1, policy.MaxRequests))
                Become(State.Closed);
            else if (_state == State.Closed && !success && policy.Trip.IsTrue(name => _counts[name]))
                Become(State.Open);
        }
    }

    private void Become(State state)
    {
        _state = state;
        _since = clock.GetUtcNow();
        foreach (var name in CircuitBreakerPolicy.Variables)
            _counts[name] = 0;
    }
}
