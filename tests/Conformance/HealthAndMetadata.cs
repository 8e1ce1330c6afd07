using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>Health, metadata, shutdown and service invocation (wire contract §5 to §7).</summary>
public class HealthAndMetadata(Postgres postgres)
{
    [Fact]
    public async Task health_is_green_once_the_app_listens_and_outbound_before()
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", app.Port)], "Sidecar:PublishWaitMs=200");
        await bench.StartAsync();
        Assert.Equal(204, await StatusAsync(bench, "/v1.0/healthz/outbound"));
        Assert.Equal(500, await StatusAsync(bench, "/v1.0/healthz"));
        Assert.Equal("app", (await bench.GetAsync("/v1.0/metadata")).GetProperty("id").GetString());

        await app.StartAsync();
        await Eventually.TrueAsync(async () => await StatusAsync(bench, "/v1.0/healthz") == 204, () => "health stays red");
        Assert.Equal(204, await StatusAsync(bench, "/v1.0/healthz?appid=app"));
        using var other = await bench.Http.GetAsync(bench.Url("/v1.0/healthz?appid=other"));
        Assert.Equal(500, (int)other.StatusCode);
        Assert.Contains("\"ERR_HEALTH_APPID_NOT_MATCH\"", await other.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task publishing_is_refused_until_every_app_was_seen_once()
    {
        await using var first = new TestApp();
        await using var late = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events"}]""");
        await first.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", first.Port), ("late", late.Port)], "Sidecar:PublishWaitMs=300");
        await bench.StartAsync();
        using var refused = await bench.PublishAsync("t", "1");
        Assert.Equal(500, (int)refused.StatusCode);
        Assert.Contains("late", await refused.Content.ReadAsStringAsync());

        await late.StartAsync();
        await Eventually.TrueAsync(() => !late.Discoveries.IsEmpty, () => "the late app was not asked");
        await bench.PublishedAsync("t", "2");
        await late.WaitForAsync(1);

        // Known from now on: after a restart publishing does not wait for it.
        await bench.IdleAsync();
        await late.StopAsync();
        await bench.StopAsync();
        await bench.StartAsync();
        await bench.PublishedAsync("t", "3");
        await late.StartAsync();
        await late.WaitForAsync(2);
    }

    [Fact]
    public async Task metadata_shows_components_subscriptions_and_what_was_put()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","routes":{"rules":[{"match":"event.type == \"x\"","path":"/x"}],"default":"/y"},"deadLetterTopic":"d"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        Assert.Equal(204, (int)(await bench.Http.PutAsync(bench.Url("/v1.0/metadata/owner"), new StringContent("me"))).StatusCode);
        await bench.SubscribedAsync();

        var metadata = await bench.GetAsync("/v1.0/metadata");
        Assert.Equal("app", metadata.GetProperty("id").GetString());
        Assert.Equal("me", metadata.GetProperty("extended").GetProperty("owner").GetString());
        var component = Assert.Single(metadata.GetProperty("components").EnumerateArray());
        Assert.Equal(("bus", "pubsub.local-postgres"), (component.GetProperty("name").GetString(), component.GetProperty("type").GetString()));
        var subscription = Assert.Single(metadata.GetProperty("subscriptions").EnumerateArray());
        Assert.Equal("PROGRAMMATIC", subscription.GetProperty("type").GetString());
        Assert.Equal("d", subscription.GetProperty("deadLetterTopic").GetString());
        var rules = subscription.GetProperty("rules").EnumerateArray().ToList();
        Assert.Equal(["/x", "/y"], rules.Select(rule => rule.GetProperty("path").GetString()));
        Assert.False(rules[1].TryGetProperty("match", out _));
        Assert.Equal(app.Port, metadata.GetProperty("appConnectionProperties").GetProperty("port").GetInt32());
    }

    [Fact]
    public async Task an_unhealthy_app_gets_nothing_until_it_is_healthy_again()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events"}]""") { HealthStatus = 500 };
        await app.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(
            postgres, SidecarBench.Component, [("app", app.Port)],
            "Sidecar:Apps:0:HealthCheckPath=/health", "Sidecar:HealthProbe:IntervalMs=50", "Sidecar:HealthProbe:Threshold=2", "APP_API_TOKEN=secret");
        await bench.StartAsync();
        await Eventually.TrueAsync(() => app.HealthProbes.Count > 2, () => "no probes");
        Assert.Empty(app.Discoveries);

        app.HealthStatus = 200;
        await bench.PublishedAsync("t", "1");
        await app.WaitForAsync(1);
        app.HealthStatus = 503;
        await Eventually.TrueAsync(async () => !(await bench.GetAsync("/v1.0/metadata")).TryGetProperty("subscriptions", out _), () => "still subscribed");
        await bench.PublishedAsync("t", "2");
        await Task.Delay(300);
        Assert.Single(app.Requests);
        app.HealthStatus = 200;
        await app.WaitForAsync(2);
        Assert.All(app.HealthProbes, probe => Assert.False(probe.Headers.ContainsKey("dapr-api-token")));
    }

    [Fact]
    public async Task shutdown_stops_the_sidecar_of_one_app_only()
    {
        await using var one = new TestApp();
        await using var two = new TestApp();
        await one.StartAsync();
        await two.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("one", one.Port), ("two", two.Port)]);
        await bench.StartAsync();
        Assert.Equal(204, (int)(await bench.Http.PostAsync(bench.Url("/v1.0/shutdown", "one"), null)).StatusCode);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await bench.Http.GetAsync(bench.Url("/v1.0/healthz/outbound", "one"));
                    return false;
                }
                catch (HttpRequestException)
                {
                    return true;
                }
            },
            () => "it still answers");
        Assert.Equal(204, (int)(await bench.Http.GetAsync(bench.Url("/v1.0/healthz/outbound", "two"))).StatusCode);
    }

    [Fact]
    public async Task an_invocation_passes_through_in_both_directions()
    {
        await using var caller = new TestApp();
        await using var callee = new TestApp { OnRequest = _ => Task.FromResult(new Reply(404, """{"no":"such thing"}""")) };
        await caller.StartAsync();
        await callee.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", caller.Port), ("callee", callee.Port)], "APP_API_TOKEN=for-apps");
        await bench.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, bench.Url("/v1.0/invoke/callee/method/things/a%20b?x=1")) { Content = new StringContent("body") };
        request.Headers.Add("x-own", "kept");
        request.Headers.Add("dapr-api-token", "callers-own");
        request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        using var response = await bench.Http.SendAsync(request);

        Assert.Equal(404, (int)response.StatusCode);
        Assert.Equal("""{"no":"such thing"}""", await response.Content.ReadAsStringAsync());
        var received = Assert.Single(callee.Requests);
        Assert.Equal(("PATCH", "/things/a b", "?x=1", "body"), (received.Method, received.Path, received.Query, received.Body));
        Assert.Equal("kept", received.Headers["x-own"]);
        Assert.Equal("for-apps", received.Headers["dapr-api-token"]);
        Assert.Equal("app", received.Headers["dapr-caller-app-id"]);
        Assert.Equal("callee", received.Headers["dapr-callee-app-id"]);
        Assert.Equal("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", received.Headers["traceparent"]);
    }

    [Fact]
    public async Task an_unknown_callee_is_a_direct_invoke_error()
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        using var response = await bench.Http.GetAsync(bench.Url("/v1.0/invoke/nobody/method/x"));
        Assert.Equal(500, (int)response.StatusCode);
        Assert.Contains("\"ERR_DIRECT_INVOKE\"", await response.Content.ReadAsStringAsync());
    }

    private static async Task<int> StatusAsync(SidecarBench bench, string path) => (int)(await bench.Http.GetAsync(bench.Url(path))).StatusCode;
}
