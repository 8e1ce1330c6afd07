using System.Text.Json;
using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>Discovery, routing and bulk delivery (wire contract §4.1, §4.2, §4.7).</summary>
public class Subscribing(Postgres postgres)
{
    [Fact]
    public async Task the_app_is_asked_once_with_the_documented_headers()
    {
        await using var app = new TestApp("""[{"pubsubName":"bus","Topic":"t","Route":"/events"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1");
        await app.WaitForAsync(1);
        var discovery = Assert.Single(app.Discoveries);
        Assert.Equal("GET", discovery.Method);
        Assert.Equal("app", discovery.Headers["dapr-app-id"]);
        Assert.Equal("application/json", discovery.Headers["content-type"]);
    }

    [Fact]
    public async Task rules_are_tried_in_order_and_then_the_default()
    {
        await using var app = new TestApp("""
            [{"pubsubname":"bus","topic":"t","route":"/ignored",
              "routes":{"rules":[{"match":"event.type == \"order.paid\"","path":"/paid"},
                                 {"match":"has(event.data.amount) && event.data.amount > 100","path":"/big"}],
                        "default":"/other"}}]
            """);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", """{"amount":500}""", query: "?metadata.cloudevent.type=order.paid&metadata.cloudevent.id=1");
        await bench.PublishedAsync("t", """{"amount":500}""", query: "?metadata.cloudevent.id=2");
        await bench.PublishedAsync("t", """{"amount":5}""", query: "?metadata.cloudevent.id=3");
        var paths = (await app.WaitForAsync(3)).OrderBy(request => request.EventId).Select(request => request.Path);
        Assert.Equal(["/paid", "/big", "/other"], paths);
    }

    [Fact]
    public async Task a_message_that_no_rule_wants_is_dead_or_gone()
    {
        await using var app = new TestApp("""
            [{"pubsubname":"bus","topic":"t","routes":{"rules":[{"match":"event.type == \"x\"","path":"/x"}]},"deadLetterTopic":"t.dead"},
             {"pubsubname":"bus","topic":"u","routes":{"rules":[{"match":"event.type == \"x\"","path":"/x"}]}}]
            """);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1");
        await bench.PublishedAsync("u", "1");
        await bench.IdleAsync();
        Assert.Equal("t", Assert.Single(await bench.DeadLettersAsync()).GetProperty("topic").GetString());
        Assert.Empty(app.Requests);
    }

    [Fact]
    public async Task a_rule_that_fails_on_a_message_makes_it_a_dead_letter()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","routes":{"rules":[{"match":"event.data.missing > 1","path":"/x"}],"default":"/y"},"deadLetterTopic":"d"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "{}");
        await bench.IdleAsync();
        Assert.Single(await bench.DeadLettersAsync());
        Assert.Empty(app.Requests);
    }

    [Theory]
    [InlineData("""[{"pubsubname":"bus","topic":"t","route":"/e","metadata":{"rawPayload":true}}]""")]
    [InlineData("""[{"pubsubname":"bus","topic":"t","route":"/e"},{"pubsubname":"bus","topic":"u","routes":{"rules":[{"match":"event.type.size() > 1","path":"/x"}]}}]""")]
    [InlineData("""{"pubsubname":"bus"}""")]
    [InlineData("nonsense")]
    public async Task an_answer_that_cannot_be_decoded_gives_no_subscription_at_all(string answer)
    {
        await using var app = new TestApp(answer);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1");
        Assert.False((await bench.GetAsync("/v1.0/metadata")).TryGetProperty("subscriptions", out _));
        Assert.Equal(0, await bench.PendingAsync());
    }

    [Theory]
    [InlineData(404)]
    [InlineData(500)]
    public async Task an_app_without_the_route_has_no_subscriptions_and_can_publish(int status)
    {
        await using var app = new TestApp { SubscribeStatus = status };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1");
        Assert.Single(app.Discoveries);
    }

    [Fact]
    public async Task declared_subscriptions_are_loaded_by_the_apps_in_their_scope()
    {
        const string Yaml = SidecarBench.Component + """

            ---
            apiVersion: dapr.io/v2alpha1
            kind: Subscription
            metadata: { name: one }
            spec:
              pubsubname: bus
              topic: t
              routes:
                rules: [ { match: 'event.type == "x"', path: /x } ]
                default: /declared
            scopes: [ app ]
            ---
            apiVersion: dapr.io/v1alpha1
            kind: Subscription
            metadata: { name: two }
            spec: { pubsubname: bus, topic: t, route: /not-mine }
            scopes: [ other ]
            """;
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app, Yaml);
        await bench.PublishedAsync("t", "1");
        Assert.Equal("/declared", (await app.WaitForAsync(1))[0].Path);
        var subscription = Assert.Single((await bench.GetAsync("/v1.0/metadata")).GetProperty("subscriptions").EnumerateArray());
        Assert.Equal("DECLARATIVE", subscription.GetProperty("type").GetString());
    }

    [Fact]
    public async Task bulk_delivery_gathers_messages_and_only_failed_entries_come_again()
    {
        var calls = 0;
        await using var app = new TestApp("""
            [{"pubsubname":"bus","topic":"t","route":"/bulk","deadLetterTopic":"d","bulkSubscribe":{"enabled":true,"maxMessagesCount":3,"maxAwaitDurationMs":2000}}]
            """);
        app.OnRequest = request =>
        {
            var isFirst = Interlocked.Increment(ref calls) == 1;
            var statuses = request.Event.GetProperty("entries").EnumerateArray().Select(entry => new
            {
                entryId = entry.GetProperty("entryId").GetString(),
                status = isFirst
                    ? entry.GetProperty("event").GetProperty("id").GetString() switch { "again" => "RETRY", "drop" => "DROP", _ => "SUCCESS" }
                    : "SUCCESS",
            });
            return Task.FromResult(new Reply(200, JsonSerializer.Serialize(new { statuses })));
        };
        const string Yaml = SidecarBench.Component + """

            ---
            apiVersion: dapr.io/v1alpha1
            kind: Resiliency
            metadata: { name: r }
            spec:
              policies: { retries: { DefaultPubsubComponentInboundRetryPolicy: { policy: constant, duration: 10ms, maxRetries: 2 } } }
            """;
        await using var bench = await SidecarBench.StartAsync(postgres, app, Yaml);
        foreach (var id in new[] { "good", "again", "drop" })
            await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={id}");
        var requests = await app.WaitForAsync(2);
        await bench.IdleAsync();

        Assert.Equal("application/json", requests[0].Headers["content-type"]);
        Assert.Equal("com.dapr.event.sent.bulk", requests[0].Event.GetProperty("type").GetString());
        Assert.Equal(3, requests[0].Event.GetProperty("entries").GetArrayLength());
        var again = Assert.Single(requests[1].Event.GetProperty("entries").EnumerateArray());
        Assert.Equal("again", again.GetProperty("event").GetProperty("id").GetString());
        Assert.Equal("application/cloudevents+json", again.GetProperty("contentType").GetString());
        Assert.Single(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task silence_about_a_bulk_entry_means_retry()
    {
        var calls = 0;
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/bulk","bulkSubscribe":{"enabled":true,"maxMessagesCount":1}}]""")
        { OnRequest = _ => Task.FromResult(new Reply(Interlocked.Increment(ref calls) == 1 ? 200 : 404)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1");
        await app.WaitForAsync(2);
        await bench.IdleAsync();
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task each_app_id_gets_a_copy_and_replicas_of_one_share()
    {
        const string Wants = """[{"pubsubname":"bus","topic":"t","route":"/events"}]""";
        await using var first = new TestApp(Wants);
        await using var second = new TestApp(Wants);
        await using var other = new TestApp(Wants);
        foreach (var app in new[] { first, second, other })
            await app.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", first.Port), ("app", second.Port), ("other", other.Port)]);
        await bench.StartAsync();
        foreach (var app in new[] { "app", "app#1", "other" })
            await bench.SubscribedAsync(app);
        for (var i = 0; i < 40; i++)
            await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={i}");
        await other.WaitForAsync(40);
        await bench.IdleAsync();
        Assert.Equal(40, first.Requests.Concat(second.Requests).Select(request => request.EventId).Distinct().Count());
        Assert.Equal(40, first.Requests.Count + second.Requests.Count);
        Assert.NotEmpty(first.Requests);
        Assert.NotEmpty(second.Requests);
        Assert.Equal(40, other.Requests.Count);
    }
}
