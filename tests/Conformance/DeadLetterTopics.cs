using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

public class DeadLetterTopics(Postgres postgres)
{
    [Fact]
    public async Task a_dead_letter_keeps_its_bytes_and_reaches_the_subscriber_of_its_topic()
    {
        await using var app = new TestApp("""
            [{"pubsubname":"bus","topic":"t","route":"/events","deadLetterTopic":"t.dead"},
             {"pubsubname":"bus","topic":"t.dead","route":"/dead"}]
            """)
        { OnRequest = request => Task.FromResult(new Reply(request.Path == "/events" ? 500 : 200)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", """{"a":1}""");
        var requests = await app.WaitForAsync(2);
        Assert.Equal("/dead", requests[1].Path);
        Assert.Equal(requests[0].Body, requests[1].Body);
        Assert.Equal("t", requests[1].Event.GetProperty("topic").GetString());
    }

    [Fact]
    public async Task a_dead_letter_can_be_listed_and_replayed_to_its_group()
    {
        var isBroken = true;
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events","deadLetterTopic":"t.dead"}]""")
        { OnRequest = _ => Task.FromResult(new Reply(isBroken ? 500 : 200)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", """{"a":1}""", query: "?metadata.cloudevent.id=e-1");
        await app.WaitForAsync(1);
        await bench.IdleAsync();

        var letter = Assert.Single(await bench.DeadLettersAsync());
        Assert.Equal("app", letter.GetProperty("appId").GetString());
        Assert.Equal("t", letter.GetProperty("topic").GetString());
        Assert.Equal("t.dead", letter.GetProperty("deadLetterTopic").GetString());
        Assert.Equal(app.Requests[0].Body, letter.GetProperty("event").GetString());

        isBroken = false;
        var replay = $"/v1.0-local/dead-letters/{letter.GetProperty("id").GetString()}/replay";
        Assert.Equal(204, (int)(await bench.Http.PostAsync(bench.Url(replay), null)).StatusCode);
        var requests = await app.WaitForAsync(2);
        Assert.Equal(requests[0].Body, requests[1].Body);
        await bench.IdleAsync();
        Assert.Empty(await bench.DeadLettersAsync());
        Assert.Equal(404, (int)(await bench.Http.PostAsync(bench.Url(replay), null)).StatusCode);
    }

    [Theory]
    [InlineData("?metadata.ttlInSeconds=0")]
    [InlineData("?metadata.ttl=-5s")]
    public async Task an_expired_message_is_never_delivered_but_kept_as_a_dead_letter(string query)
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events","deadLetterTopic":"t.dead"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.SubscribedAsync();
        await app.StopAsync();
        await bench.PublishedAsync("t", "1", query: query);
        await bench.PublishedAsync("t", "2", query: "?metadata.ttlInSeconds=600");
        await Task.Delay(1_100);
        await app.StartAsync();
        await app.WaitForAsync(1);
        await bench.IdleAsync();
        Assert.Equal(2, Assert.Single(app.Requests).Event.GetProperty("data").GetInt32());
        Assert.Single(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task an_expired_message_without_a_dead_letter_topic_is_gone()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.SubscribedAsync();
        await app.StopAsync();
        await bench.PublishedAsync("t", "1", query: "?metadata.ttl=100ms");
        await Task.Delay(1_200);
        await app.StartAsync();
        await bench.IdleAsync();
        Assert.Empty(app.Requests);
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task raw_bytes_that_are_no_cloud_event_are_dead_for_a_normal_subscription()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events","deadLetterTopic":"t.dead"}]""");
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "just words", query: "?metadata.rawPayload=true");
        await Eventually.TrueAsync(async () => (await bench.DeadLettersAsync()).Count == 1, () => "no dead letter");
        Assert.Empty(app.Requests);
    }
}
