using System.Text;
using System.Text.Json;
using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>Status and error body of refused publishes (wire contract §1.3, §1.4, §8).</summary>
public class PublishErrors(Postgres postgres)
{
    private const string Scoped = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec:
          type: pubsub.local-postgres
          version: v1
          metadata:
            - { name: publishingScopes, value: "app=mine;other=theirs" }
            - { name: protectedTopics, value: "secret" }
        ---
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: not-for-app }
        scopes: [ other ]
        spec: { type: pubsub.local-postgres, version: v1, metadata: [] }
        """;

    [Theory]
    [InlineData("/v1.0/publish/nowhere/t", "application/json", "1", 404, "ERR_PUBSUB_NOT_FOUND", "DAPR_PUBSUB_NOT_FOUND")]
    [InlineData("/v1.0/publish/bus", "application/json", "1", 404, "ERR_TOPIC_NAME_EMPTY", "DAPR_PUBSUB_TOPIC_NAME_EMPTY")]
    [InlineData("/v1.0/publish/", "application/json", "1", 404, "ERR_PUBSUB_EMPTY", "DAPR_PUBSUB_NAME_EMPTY")]
    [InlineData("/v1.0/publish/bus/t?metadata.rawPayload=yes", "application/json", "1", 400, "ERR_PUBSUB_REQUEST_METADATA", "DAPR_PUBSUB_METADATA_DESERIALIZATION")]
    [InlineData("/v1.0/publish/bus/t", "application/cloudevents+json", "[1]", 500, "ERR_PUBSUB_CLOUD_EVENTS_SER", "DAPR_PUBSUB_CLOUD_EVENT_CREATION")]
    [InlineData("/v1.0/publish/bulk/bus/t", "application/json", "{", 400, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_UNMARSHAL_EVENTS")]
    [InlineData("/v1.0-alpha1/publish/bulk/bus/t", "application/json", "{}", 400, "ERR_PUBSUB_EVENTS_SER", "DAPR_PUBSUB_UNMARSHAL_EVENTS")]
    public async Task a_bad_publish_is_refused_with_the_documented_body(string path, string contentType, string body, int status, string code, string reason)
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        using var response = await bench.Http.PostAsync(bench.Url(path), new StringContent(body, Encoding.UTF8, contentType));
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.ToString());
        var error = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(code, error.GetProperty("errorCode").GetString());
        var details = error.GetProperty("details").EnumerateArray().ToList();
        Assert.Equal(reason, details[^1].GetProperty("reason").GetString());
        Assert.Equal("dapr.io", details[^1].GetProperty("domain").GetString());
        if (code != "ERR_PUBSUB_NOT_FOUND")
            Assert.Equal("pubsub", details[0].GetProperty("resource_type").GetString());
    }

    [Fact]
    public async Task without_any_component_pubsub_is_not_configured()
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app, "");
        using var response = await bench.PublishAsync("t", "1");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("ERR_PUBSUB_NOT_CONFIGURED", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("bus", "mine", 204)]
    [InlineData("bus", "theirs", 403)]
    [InlineData("bus", "secret", 403)]
    [InlineData("not-for-app", "mine", 404)]
    public async Task scopes_decide_where_an_app_may_publish(string pubsub, string topic, int status)
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app, Scoped);
        using var response = await bench.PublishAsync(topic, "1", pubsub: pubsub);
        Assert.Equal(status, (int)response.StatusCode);
        if (status == 403)
            Assert.Contains("\"ERR_PUBSUB_FORBIDDEN\"", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1.0/publish/bus/t", null)]
    [InlineData("/v1.0/publish/bus/t", "wrong")]
    [InlineData("/v1.0-local/dead-letters/1/replay", null)]
    [InlineData("/v1.0/shutdown", null)]
    public async Task without_the_api_token_a_call_is_refused_as_text(string path, string? token)
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app, SidecarBench.Component, "DAPR_API_TOKEN=right");
        if (token is not null)
            bench.Http.DefaultRequestHeaders.Add("dapr-api-token", token);
        using var response = await bench.Http.PostAsync(bench.Url(path), new StringContent("1"));
        Assert.Equal(401, (int)response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("invalid api token", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("/v1.0/healthz", 204)]
    [InlineData("/v1.0/healthz/outbound", 204)]
    [InlineData("/v1.0/metadata", 401)]
    [InlineData("/v1.0-local/dead-letters", 401)]
    [InlineData("/v1.0-local/idle", 401)]
    public async Task only_the_two_health_routes_need_no_token(string path, int status)
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app, SidecarBench.Component, "DAPR_API_TOKEN=right");
        await Eventually.TrueAsync(() => app.Discoveries.Count > 0, () => "the app was not asked");
        Assert.Equal(status, (int)(await bench.Http.GetAsync(bench.Url(path))).StatusCode);
    }

    [Fact]
    public async Task the_right_token_opens_the_api_and_the_app_gets_its_own()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app, SidecarBench.Component, "DAPR_API_TOKEN=right", "APP_API_TOKEN=for-the-app");
        bench.Http.DefaultRequestHeaders.Add("dapr-api-token", "right");
        await bench.PublishedAsync("t", "1");
        var request = (await app.WaitForAsync(1))[0];
        Assert.Equal("for-the-app", request.Headers["dapr-api-token"]);
        Assert.All(app.Discoveries, discovery => Assert.Equal("for-the-app", discovery.Headers["dapr-api-token"]));
    }

    [Fact]
    public async Task a_message_for_an_app_that_refuses_the_token_is_tried_again()
    {
        var expected = "new-token";
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events"}]""")
        {
            OnRequest = request => Task.FromResult(new Reply(request.Headers.GetValueOrDefault("dapr-api-token") == Volatile.Read(ref expected) ? 200 : 401)),
        };
        await using var bench = await SidecarBench.StartAsync(postgres, app, SidecarBench.Component, "APP_API_TOKEN=old-token");
        await bench.PublishedAsync("t", "1");
        await app.WaitForAsync(1);
        Assert.Equal(1, await bench.PendingAsync());
        Volatile.Write(ref expected, "old-token");
        await bench.IdleAsync();
    }

    [Fact]
    public async Task a_body_over_four_mebibytes_is_refused()
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        bench.Http.DefaultRequestHeaders.ExpectContinue = true;
        using var response = await bench.PublishAsync("t", new string('x', 4 * 1024 * 1024 + 1), "text/plain");
        Assert.Equal(413, (int)response.StatusCode);
    }
}
