using System.Diagnostics;
using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>Apps and sidecars that come and go, and the test mode that shuffles and repeats (wire contract §14).</summary>
public class Faults(Postgres postgres)
{
    private const string Wants = """[{"pubsubname":"bus","topic":"t","route":"/events"}]""";

    [Fact]
    public async Task what_is_published_while_the_app_is_down_comes_when_it_is_back()
    {
        await using var app = new TestApp(Wants);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "0", query: "?metadata.cloudevent.id=0");
        await app.WaitForAsync(1);
        await app.StopAsync();
        for (var i = 1; i <= 50; i++)
            await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={i}");
        Assert.Equal(50, await bench.PendingAsync());

        app.Subscriptions = """[{"pubsubname":"bus","topic":"t","route":"/moved"}]""";
        await app.StartAsync();
        var requests = await app.WaitForAsync(51);
        await bench.IdleAsync();
        Assert.Equal(51, requests.Select(request => request.EventId).Distinct().Count());
        Assert.All(requests.Skip(1), request => Assert.Equal("/moved", request.Path));
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task an_app_that_goes_away_costs_no_attempt_and_no_dead_letter()
    {
        await using var app = new TestApp("""[{"pubsubname":"bus","topic":"t","route":"/events","deadLetterTopic":"d"}]""") { OnRequest = async _ => { await Task.Delay(30); return Reply.Ok; } };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        for (var i = 0; i < 200; i++)
            await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={i}");
        await app.StopAsync();
        await app.StartAsync();
        await bench.IdleAsync();
        Assert.Equal(200, app.Requests.Select(request => request.EventId).Distinct().Count());
        Assert.Empty(await bench.DeadLettersAsync());
    }

    [Fact]
    public async Task an_app_that_closes_idle_connections_misses_nothing()
    {
        await using var app = new TestApp(Wants) { KeepAlive = TimeSpan.FromMilliseconds(200) };
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        var watch = Stopwatch.StartNew();
        var published = 0;
        while (app.Discoveries.Count < 3 && watch.Elapsed.TotalSeconds < 20)
        {
            await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={published++}");
            await Task.Delay(20);
        }
        Assert.True(app.Discoveries.Count >= 3, "the idle connection was never closed");
        await bench.IdleAsync();
        Assert.Equal(published, app.Requests.Select(request => request.EventId).Distinct().Count());
    }

    [Fact]
    public async Task a_group_that_joins_late_gets_what_is_published_from_then_on()
    {
        await using var app = new TestApp();
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        await bench.PublishedAsync("t", "1");
        app.Subscriptions = Wants;
        await app.StopAsync();
        await app.StartAsync();
        await bench.SubscribedAsync();
        await bench.PublishedAsync("t", "2");
        Assert.Equal(2, (await app.WaitForAsync(1))[0].Event.GetProperty("data").GetInt32());
        await bench.IdleAsync();
        Assert.Single(app.Requests);
    }

    [Fact]
    public async Task a_killed_sidecar_delivers_again_what_was_in_flight()
    {
        var unstuck = new TaskCompletionSource();
        await using var app = new TestApp(Wants)
        {
            OnRequest = async _ =>
            {
                await unstuck.Task;
                return Reply.Ok;
            },
        };
        await app.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", app.Port)]);
        await using (var sidecar = await SidecarProcess.StartAsync(bench))
        {
            for (var i = 0; i < 30; i++)
                await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={i}");
            await app.WaitForAsync(16);
            await sidecar.KillAsync();
        }
        unstuck.SetResult();
        var before = app.Requests.Count;
        await using var next = await SidecarProcess.StartAsync(bench);
        await bench.IdleAsync();
        Assert.Equal(30, app.Requests.Skip(before).Select(request => request.EventId).Distinct().Count());
    }

    [Fact]
    public async Task sigterm_lets_deliveries_end_and_puts_the_rest_back()
    {
        await using var app = new TestApp(Wants) { OnRequest = async _ => { await Task.Delay(400); return Reply.Ok; } };
        await app.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", app.Port)]);
        await using (var sidecar = await SidecarProcess.StartAsync(bench))
        {
            for (var i = 0; i < 40; i++)
                await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={i}");
            await app.WaitForAsync(16);
            Assert.Equal(0, await sidecar.TerminateAsync());
        }
        var before = app.Requests.Count;
        Assert.InRange(before, 16, 39);
        await using var next = await SidecarProcess.StartAsync(bench);
        await bench.IdleAsync();
        // Nothing was cut off, so nothing came twice.
        Assert.Equal(40, app.Requests.Count);
        Assert.Equal(40, app.Requests.Select(request => request.EventId).Distinct().Count());
    }

    [Fact]
    public async Task a_second_sidecar_waits_until_the_first_has_left_the_database()
    {
        await using var app = new TestApp(Wants);
        await app.StartAsync();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", app.Port)]);
        await using var first = await SidecarProcess.StartAsync(bench);
        var second = bench.StartAsync();
        await Task.Delay(500);
        Assert.False(second.IsCompleted);
        await first.TerminateAsync();
        await second;
        await bench.PublishedAsync("t", "1");
        await app.WaitForAsync(1);
    }

    [Fact]
    public async Task lost_database_connections_lose_no_message()
    {
        await using var app = new TestApp(Wants);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        var published = 0;
        for (var i = 0; i < 60; i++)
        {
            if (i % 20 == 10)
                await bench.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
            for (var attempt = 0; attempt < 20; attempt++)
            {
                using var response = await bench.PublishAsync("t", "1", query: $"?metadata.cloudevent.id={i}");
                if ((int)response.StatusCode == 204)
                {
                    published++;
                    break;
                }
                await Task.Delay(20);
            }
        }
        Assert.Equal(60, published);
        await Eventually.TrueAsync(() => app.Requests.Select(request => request.EventId).Distinct().Count() == 60, () => $"{app.Requests.Count} came");
        await bench.IdleAsync();
    }

    [Fact]
    public async Task the_test_mode_repeats_and_shuffles_every_message()
    {
        await using var app = new TestApp(Wants);
        await using var bench = await SidecarBench.StartAsync(postgres, app, SidecarBench.Component, "Sidecar:Chaos:Duplicate=3", "Sidecar:Chaos:Reorder=100");
        for (var i = 0; i < 30; i++)
            await bench.PublishedAsync("t", "1", query: $"?metadata.cloudevent.id={i:00}");
        var ids = (await app.WaitForAsync(90)).Select(request => request.EventId).ToList();
        await bench.IdleAsync();
        Assert.Equal(90, app.Requests.Count);
        Assert.All(ids.CountBy(id => id), count => Assert.Equal(3, count.Value));
        Assert.NotEqual(ids.Order(), ids);
    }

    [Fact]
    public async Task a_publish_reaches_the_handler_within_milliseconds()
    {
        await using var app = new TestApp(Wants);
        await using var bench = await SidecarBench.StartAsync(postgres, app);
        for (var i = 0; i < 20; i++)
            await bench.PublishedAsync("t", "1");
        await app.WaitForAsync(20);
        await bench.IdleAsync();
        var watch = Stopwatch.StartNew();
        for (var i = 21; i <= 40; i++)
        {
            await bench.PublishedAsync("t", "1");
            while (app.Requests.Count < i)
                await Task.Delay(1);
        }
        // The slow poll alone would need half a second for each.
        Assert.InRange(watch.Elapsed.TotalMilliseconds / 20, 0, 100);
    }
}
