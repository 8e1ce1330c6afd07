using Marketplace.LocalSidecar.Resiliency;
using Marketplace.LocalSidecar.Resources;
using Marketplace.LocalSidecar.Routing;

namespace Marketplace.Conformance;

/// <summary>The pure part of retries and breakers (wire contract §12).</summary>
public class ResiliencyRules
{
    [Theory]
    [InlineData(1, 500)]
    [InlineData(2, 750)]
    [InlineData(3, 1125)]
    [InlineData(7, 5000)]
    [InlineData(8, 5000)]
    [InlineData(9, null)]
    public void an_exponential_pause_grows_by_half_up_to_its_limit(int attempts, int? milliseconds)
    {
        var policy = new RetryPolicy(true, TimeSpan.FromSeconds(5), 8, null);
        Assert.Equal(milliseconds, policy.PauseAfter(attempts, 500, jitter: 0.5)?.TotalMilliseconds);
    }

    [Fact]
    public void jitter_spreads_an_exponential_pause_by_half()
    {
        var policy = new RetryPolicy(true, TimeSpan.FromSeconds(60), -1, null);
        Assert.Equal(250, policy.PauseAfter(1, null, 0)!.Value.TotalMilliseconds);
        Assert.Equal(750, policy.PauseAfter(1, null, 1)!.Value.TotalMilliseconds);
    }

    [Fact]
    public void an_exponential_policy_ends_after_fifteen_minutes_and_a_constant_one_never()
    {
        var exponential = new RetryPolicy(true, TimeSpan.FromSeconds(60), -1, null);
        var last = Enumerable.Range(1, 1_000).First(attempts => exponential.PauseAfter(attempts, null, 0.5) is null);
        Assert.InRange(last, 20, 35);
        Assert.Equal(TimeSpan.FromSeconds(5), new RetryPolicy(false, TimeSpan.FromSeconds(5), -1, null).PauseAfter(1_000_000, null, 0.5));
    }

    [Theory]
    [InlineData(500, true)]
    [InlineData(429, true)]
    [InlineData(400, false)]
    [InlineData(null, true)]
    public void matching_limits_the_codes_but_not_failures_without_one(int? code, bool isRetried)
    {
        var policy = new RetryPolicy(false, TimeSpan.FromSeconds(1), 5, StatusCodeRanges.Parse("408, 429,500-599"));
        Assert.Equal(isRetried, policy.PauseAfter(1, code, 0.5) is not null);
    }

    [Fact]
    public void without_policy_and_dead_letter_topic_the_pause_grows_and_the_policy_starts_anew()
    {
        var pauses = Enumerable.Range(0, 8).Select(redeliveries => DecideAfterFailure.Decide(null, 1, redeliveries, 500, false, false, 0.5));
        Assert.Equal([1, 2, 4, 8, 16, 30, 30, 30], pauses.Select(decision => decision.Pause.TotalSeconds));
        Assert.All(pauses, decision => Assert.Equal(0, decision.Attempts));
    }

    [Fact]
    public void a_breaker_opens_lets_one_try_through_and_closes_after_success()
    {
        var clock = new ManualClock();
        var trip = CelExpression.Parse("consecutiveFailures >= 3", CircuitBreakerPolicy.Variables);
        var breaker = new CircuitBreaker(new CircuitBreakerPolicy(1, TimeSpan.Zero, TimeSpan.FromSeconds(30), trip), clock);
        for (var i = 0; i < 3; i++)
        {
            Assert.True(breaker.TryEnter());
            breaker.Record(success: false);
        }
        Assert.False(breaker.TryEnter());
        clock.Now += TimeSpan.FromSeconds(30);
        Assert.True(breaker.TryEnter());
        Assert.False(breaker.TryEnter());
        breaker.Record(success: true);
        Assert.True(breaker.TryEnter());
    }

    [Fact]
    public void the_files_of_the_local_run_can_be_read_and_bound_the_retries()
    {
        var files = ResourceFiles.Load(Path.Combine(AppContext.BaseDirectory, "local-resources"));
        Assert.Equal("marketplace-bus", Assert.Single(files.Components).Name);
        var inbound = new Policies(files.Resiliencies, "catalog").Inbound("marketplace-bus");
        Assert.Equal(TimeSpan.FromSeconds(20), inbound.Timeout);
        Assert.Equal(new RetryPolicy(true, TimeSpan.FromSeconds(5), 8, null), inbound.Retry);
    }

    [Theory]
    [InlineData("kind: Component\nmetadata: { name: b }\nspec: { type: pubsub.redis, version: v1 }")]
    [InlineData("kind: Subscription\nmetadata: { name: s }\nspec: { pubsubname: bus, topic: t, routes: { rules: [ { match: 'size(event) > 1', path: /x } ] } }")]
    [InlineData("kind: Resiliency\nspec: { policies: { retries: { r: { policy: linear } } } }")]
    [InlineData("kind: Resiliency\nspec: { targets: { components: { bus: { inbound: { retry: missing } } } } }")]
    [InlineData("kind: Resiliency\nspec: { policies: { circuitBreakers: { c: { trip: 'unknown > 1' } } } }")]
    [InlineData("kind: Whatever")]
    [InlineData("{ unclosed")]
    public void a_file_that_cannot_be_understood_stops_the_start(string yaml)
    {
        var folder = Directory.CreateTempSubdirectory("resources-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "bad.yaml"), yaml);
            Assert.ThrowsAny<Exception>(() => ResourceFiles.Load(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class ManualClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
