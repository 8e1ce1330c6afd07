using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>What each answer of the app does to the message (wire contract §4.5, §4.6).</summary>
public class DeliveryAnswers(Postgres postgres)
{
    private const string Subscription = """[{"pubsubname":"bus","topic":"t","route":"/events"}]""";
    private const string WithDeadLetter = """[{"pubsubname":"bus","topic":"t","route":"/events","deadLetterTopic":"t.dead"}]""";

    private const string ThreeQuickRetries = SidecarBench.Component + """

        ---
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: r }
        spec:
          policies:
            timeouts: { quick: 300ms }
            retries:
              deliver: { policy: constant, duration: 20ms, maxRetries: 3, matching: { httpStatusCodes: "409,500-599" } }
          targets:
            components: { bus: { inbound: { timeout: quick, retry: deliver } } }
        """;

    [Theory]
    [InlineData(200, null)]
    [InlineData(204, null)]
    [InlineData(200, "not json")]
    [InlineData(200, """{"status":"SUCCESS"}""")]
    [InlineData(200, """{"status":""}""")]
    [InlineData(200, """{"other":1}""")]
    [InlineData(200, """{"status":7}""")]
    [InlineData(200, """["x"]""")]
    [InlineData(202, """{"Status":"SUCCESS"}""")]
    public async Task success_is_delivered_once_and_leaves_no_dead_letter(int status, string? body)
    {
        await using var app = new TestApp(WithDeadLetter) { OnRequest = _ => Task.FromResult(new Reply(status, body)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(1);
        await bench.IdleAsync();
        Assert.Single(app.Requests);
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Theory]
    [InlineData(404, null)]
    [InlineData(200, """{"status":"DROP"}""")]
    public async Task drop_and_404_go_to_the_dead_letter_topic_without_another_attempt(int status, string? body)
    {
        await using var app = new TestApp(WithDeadLetter) { OnRequest = _ => Task.FromResult(new Reply(status, body)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(1);
        await bench.IdleAsync();
        Assert.Single(app.Requests);
        Assert.Single(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task a_dropped_message_without_a_dead_letter_topic_is_gone()
    {
        await using var app = new TestApp(Subscription) { OnRequest = _ => Task.FromResult(new Reply(404)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(1);
        await bench.IdleAsync();
        Assert.Single(app.Requests);
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Theory]
    [InlineData(500, null)]
    [InlineData(503, null)]
    [InlineData(409, null)]
    [InlineData(200, """{"status":"RETRY"}""")]
    [InlineData(200, """{"status":"success"}""")]
    [InlineData(200, """{"status":"WHATEVER"}""")]
    public async Task a_retriable_failure_is_tried_as_often_as_the_policy_says_and_then_dead(int status, string? body)
    {
        await using var app = new TestApp(WithDeadLetter) { OnRequest = _ => Task.FromResult(new Reply(status, body)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(4);
        await bench.IdleAsync();
        Assert.Equal(4, app.Requests.Count);
        Assert.Single(app.Requests.Select(request => request.Body).Distinct());
        Assert.Single(await bench.DeadLettersAsync());
    }

    [Theory]
    [InlineData(400)]
    [InlineData(401)]
    [InlineData(302)]
    public async Task a_code_outside_the_matching_list_is_dead_at_once(int status)
    {
        await using var app = new TestApp(WithDeadLetter) { OnRequest = _ => Task.FromResult(new Reply(status)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(1);
        await bench.IdleAsync();
        Assert.Single(app.Requests);
        Assert.Single(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task failures_followed_by_success_end_well()
    {
        var calls = 0;
        await using var app = new TestApp(WithDeadLetter) { OnRequest = _ => Task.FromResult(new Reply(Interlocked.Increment(ref calls) <= 3 ? 500 : 200)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(4);
        await bench.IdleAsync();
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task a_slow_handler_is_given_up_after_the_timeout_and_tried_again()
    {
        var calls = 0;
        await using var app = new TestApp(WithDeadLetter)
        {
            OnRequest = async _ =>
            {
                if (Interlocked.Increment(ref calls) == 1)
                    await Task.Delay(1_500);
                return Reply.Ok;
            },
        };
        await using var bench = await SidecarBench.StartAsync(postgres, app, ThreeQuickRetries);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(2, seconds: 2);
        await bench.IdleAsync();
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task without_a_policy_the_dead_letter_comes_after_one_attempt()
    {
        await using var app = new TestApp(WithDeadLetter) { OnRequest = _ => Task.FromResult(new Reply(500)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(1);
        await bench.IdleAsync();
        Assert.Single(app.Requests);
        Assert.Single(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task without_a_dead_letter_topic_the_message_is_delivered_again_as_rabbitmq_with_requeue_does()
    {
        var calls = 0;
        await using var app = new TestApp(Subscription) { OnRequest = _ => Task.FromResult(new Reply(Interlocked.Increment(ref calls) <= 2 ? 500 : 200)) };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", """{"a":1}""");
        await app.WaitForAsync(3);
        await bench.IdleAsync();
        Assert.Equal(3, app.Requests.Count);
    }

    [Fact]
    public async Task a_retrying_message_does_not_hold_back_others()
    {
        await using var app = new TestApp(Subscription)
        {
            OnRequest = request => Task.FromResult(new Reply(request.EventId == "poison" ? 500 : 200)),
        };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1", query: "?metadata.cloudevent.id=poison");
        await bench.PublishedAsync("t", "2", query: "?metadata.cloudevent.id=good");
        await Eventually.TrueAsync(() => app.Requests.Any(request => request.EventId == "good"), () => "the good message did not come", 2);
        await Eventually.TrueAsync(async () => await bench.PendingAsync() == 1, () => "only the poison should be left");
    }
}
