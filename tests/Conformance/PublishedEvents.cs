using System.Text;
using System.Text.Json;
using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>What arrives at the app of what was published (wire contract §2, §3, §4.4).</summary>
public class PublishedEvents(Postgres postgres)
{
    private const string Subscription = """[{"pubsubname":"bus","topic":"t","route":"/events"},{"pubsubname":"bus","topic":"a/b/c","route":"/deep"}]""";
    private const string TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    [Fact]
    public async Task a_delivery_has_the_documented_method_headers_and_envelope()
    {
        await using var app = new TestApp(Subscription);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        using var request = new HttpRequestMessage(HttpMethod.Put, bench.Url("/v1.0/publish/bus/t?metadata.cloudevent.id=e-1&metadata.cloudevent.type=order.placed.v1"))
        { Content = new StringContent("""{"a":1}""", Encoding.UTF8, "application/json") };
        request.Headers.Add("traceparent", TraceParent);
        request.Headers.Add("tracestate", "vendor=1");
        Assert.Equal(204, (int)(await bench.Http.SendAsync(request)).StatusCode);

        var received = (await app.WaitForAsync(1))[0];
        Assert.Equal(("POST", "/events"), (received.Method, received.Path));
        Assert.Equal("application/cloudevents+json", received.Headers["content-type"]);
        Assert.Equal("bus", received.Headers["pubsubname"]);
        Assert.Equal(TraceParent, received.Headers["traceparent"]);
        Assert.Equal("vendor=1", received.Headers["tracestate"]);
        Assert.Equal("e-1", received.EventId);
        Assert.Equal("order.placed.v1", received.Event.GetProperty("type").GetString());
        Assert.Equal("app", received.Event.GetProperty("source").GetString());
        Assert.Equal("application/json; charset=utf-8", received.Event.GetProperty("datacontenttype").GetString());
        Assert.Equal(TraceParent, received.Event.GetProperty("traceparent").GetString());
        Assert.Equal(1, received.Event.GetProperty("data").GetProperty("a").GetInt32());
        Assert.False(received.Headers.ContainsKey("dapr-api-token"));
    }

    [Theory]
    [InlineData("/v1.0/publish/bus/a/b/c")]
    [InlineData("/v1.0/publish/bus/a%2Fb%2Fc")]
    [InlineData("//v1.0//publish/bus/a/b/c/?")]
    public async Task a_topic_may_contain_slashes(string path)
    {
        await using var app = new TestApp(Subscription);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        Assert.Equal(204, (int)(await bench.Http.PostAsync(bench.Url(path), new StringContent("x"))).StatusCode);
        var received = (await app.WaitForAsync(1))[0];
        Assert.Equal("/deep", received.Path);
        Assert.Equal("a/b/c", received.Event.GetProperty("topic").GetString());
    }

    [Fact]
    public async Task raw_bytes_reach_a_raw_subscription_in_base64()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/raw","metadata":{"rawPayload":"true"}}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", """{"a":1}""", query: "?metadata.rawPayload=T");
        var received = (await app.WaitForAsync(1))[0].Event;
        Assert.Equal("eyJhIjoxfQ==", received.GetProperty("data_base64").GetString());
        Assert.Equal("application/octet-stream", received.GetProperty("datacontenttype").GetString());
        Assert.False(received.TryGetProperty("time", out _));
    }

    [Fact]
    public async Task a_raw_json_object_is_delivered_byte_for_byte_to_a_normal_subscription()
    {
        const string Body = """{ "b" : 1,  "a":"é<" }""";
        await using var app = new TestApp(Subscription);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", Body, query: "?metadata.rawPayload=1");
        Assert.Equal(Body, (await app.WaitForAsync(1))[0].Body);
    }

    [Fact]
    public async Task bulk_entries_are_wrapped_one_by_one()
    {
        await using var app = new TestApp(Subscription);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        using var response = await BulkAsync(bench, "/v1.0/publish/bulk/bus/t?metadata.cloudevent.type=shared&metadata.ttlInSeconds=600", """
            [{"entryId":"a1","event":{"p":1},"contentType":"application/json","metadata":{"cloudevent.id":"1"}},
             {"entryID":"a2","event":"hello","contentType":"text/plain","metadata":{"cloudevent.id":"2","cloudevent.type":"own"}},
             {"entryId":"a3","event":"AQID","contentType":"application/octet-stream","metadata":{"cloudevent.id":"3"}},
             {"entryId":"a4","event":{"id":"4","data":1},"contentType":"application/cloudevents+json"}]
            """);
        Assert.Equal(204, (int)response.StatusCode);
        Assert.Empty(await response.Content.ReadAsByteArrayAsync());
        var events = (await app.WaitForAsync(4)).ToDictionary(request => request.EventId, request => request.Event);
        Assert.Equal(1, events["1"].GetProperty("data").GetProperty("p").GetInt32());
        Assert.Equal("shared", events["1"].GetProperty("type").GetString());
        Assert.Equal("hello", events["2"].GetProperty("data").GetString());
        Assert.Equal("own", events["2"].GetProperty("type").GetString());
        Assert.Equal("AQID", events["3"].GetProperty("data_base64").GetString());
        Assert.True(events["3"].TryGetProperty("expiration", out _));
        Assert.False(events["4"].TryGetProperty("expiration", out _), "shared metadata only joins entries that have metadata");
    }

    [Theory]
    [InlineData("""[{"entryId":"a","event":1,"contentType":"application/json"},{"entryId":"a","event":2,"contentType":"application/json"}]""")]
    [InlineData("""[{"event":1,"contentType":"application/json"}]""")]
    [InlineData("""[{"entryId":"a","event":{"x":1},"contentType":"text/plain"}]""")]
    [InlineData("""[{"entryId":"a","event":{"x":1},"contentType":"application/vnd.x+json"}]""")]
    [InlineData("""[{"entryId":"a","event":"%%%","contentType":"application/octet-stream"}]""")]
    [InlineData("""[{"entryId":"a","event":[1],"contentType":"application/cloudevents+json"}]""")]
    [InlineData("""["a"]""")]
    public async Task a_bulk_request_with_a_bad_entry_is_refused_as_a_whole(string body)
    {
        await using var app = new TestApp(Subscription);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        using var response = await BulkAsync(bench, "/v1.0/publish/bulk/bus/t", body);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("\"ERR_PUBSUB_EVENTS_SER\"", await response.Content.ReadAsStringAsync());
        Assert.Equal(0, await bench.PendingAsync());
        Assert.Empty(app.Requests);
    }

    [Fact]
    public async Task a_failed_bulk_publish_names_every_entry_and_stores_none()
    {
        await using var app = new TestApp(Subscription);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "0");
        await app.WaitForAsync(1);
        await bench.IdleAsync();

        const string Body = """[{"entryId":"a","event":1,"contentType":"application/json"},{"entryId":"b","event":2,"contentType":"application/json"}]""";
        await bench.ExecuteAsync("alter table sidecar.delivery add constraint broken check (length(body) < 5) not valid");
        using var failed = await BulkAsync(bench, "/v1.0/publish/bulk/bus/t", Body);
        Assert.Equal(500, (int)failed.StatusCode);
        var error = JsonDocument.Parse(await failed.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal("ERR_PUBSUB_PUBLISH_MESSAGE", error.GetProperty("errorCode").GetString());
        Assert.Equal(["a", "b"], error.GetProperty("failedEntries").EnumerateArray().Select(entry => entry.GetProperty("entryId").GetString()));
        using var single = await bench.PublishAsync("t", "1");
        Assert.Equal(500, (int)single.StatusCode);
        Assert.Contains("\"ERR_PUBSUB_PUBLISH_MESSAGE\"", await single.Content.ReadAsStringAsync());

        await bench.ExecuteAsync("alter table sidecar.delivery drop constraint broken");
        Assert.Single(app.Requests);
        using var repaired = await BulkAsync(bench, "/v1.0/publish/bulk/bus/t", Body);
        Assert.Equal(204, (int)repaired.StatusCode);
        await app.WaitForAsync(3);
    }

    private static Task<HttpResponseMessage> BulkAsync(SidecarBench bench, string path, string body) =>
        bench.Http.PostAsync(bench.Url(path), new StringContent(body, Encoding.UTF8, "application/json"));
}
