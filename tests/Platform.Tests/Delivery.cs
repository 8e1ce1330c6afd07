using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Marketplace.LocalPostgres;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Platform.Tests;

/// <summary>From a commit to the effect at the consumer, through the real sidecar, whatever dies in between.</summary>
public sealed class Delivery(TestPostgres postgres)
{
    private readonly TestIdentity identity = new();

    [Fact]
    public async Task a_fact_reaches_its_consumers_once_and_carries_the_trace_of_the_request()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        await sidecar.StartAsync(service);
        const string trace = "4bf92f3577b34da6a3ce929d0e0e4736";

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/notes") { Content = new StringContent("""{"title":"Tracée","weight":1}""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", identity.Staff(Roles.Buyer));
        request.Headers.Add("traceparent", $"00-{trace}-00f067aa0ba902b7-01");
        using var response = await service.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);

        await HeardAsync(service, sidecar, 1);
        Assert.Equal(trace, await Database.ValueAsync<string>(service, "select trace from heard"));
        Assert.Equal(0, await Database.ValueAsync<int>(service, "select count(*) from outbox"));
        var ready = await service.GetAsync("/health/ready");
        Assert.True(ready.Status == HttpStatusCode.OK, $"{ready.Body}");
    }

    [Fact]
    public async Task duplicates_and_disorder_on_the_bus_change_nothing()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        await sidecar.StartAsync(service, null, ("Sidecar:Chaos:Duplicate", "3"), ("Sidecar:Chaos:Reorder", "200"));

        await WriteAsync(service, 150);

        await HeardAsync(service, sidecar, 150);
    }

    [Fact]
    public async Task a_sidecar_that_is_killed_again_and_again_loses_nothing()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        await sidecar.StartAsync(service);
        var writing = WriteAsync(service, 300);
        for (var n = 0; n < 2; n++)
        {
            await Task.Delay(150);
            await sidecar.KillAsync();
            await sidecar.StartAsync(service);
        }

        await writing;

        await HeardAsync(service, sidecar, 300);
    }

    [Fact]
    public async Task what_was_committed_before_the_service_was_killed_is_published_when_it_starts_again()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        var database = await postgres.NewDatabaseAsync();
        await using (var first = await StartAsync(sidecar, database))
        {
            await WriteAsync(first, 40);
            await first.KillAsync();
            Assert.Equal(80, await Database.ValueAsync<int>(first, "select count(*) from outbox"));
        }

        await using var second = await StartAsync(sidecar, database);
        await sidecar.StartAsync(second);

        await HeardAsync(second, sidecar, 40);
        Assert.Equal(0, await Database.ValueAsync<int>(second, "select count(*) from outbox"));
    }

    [Fact]
    public async Task a_service_killed_while_it_publishes_and_consumes_loses_nothing_and_does_nothing_twice()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        var database = await postgres.NewDatabaseAsync();
        await using (var first = await StartAsync(sidecar, database))
        {
            await WriteAsync(first, 400);
            await sidecar.StartAsync(first);
            await Eventually.TrueAsync(async () => await Database.ValueAsync<int>(first, "select count(*) from heard") > 20, () => sidecar.Output);
            await first.KillAsync();
            await sidecar.KillAsync();
        }

        await using var second = await StartAsync(sidecar, database);
        await sidecar.StartAsync(second);

        await HeardAsync(second, sidecar, 400);
    }

    [Fact]
    public async Task two_instances_share_the_outbox()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        var database = await postgres.NewDatabaseAsync();
        await using var one = await StartAsync(sidecar, database);
        await using var two = await StartAsync(sidecar, database);
        await sidecar.StartAsync(one);

        await Task.WhenAll(WriteAsync(one, 100), WriteAsync(two, 100));

        await HeardAsync(one, sidecar, 200);
    }

    [Fact]
    public async Task a_topic_that_the_broker_refuses_holds_no_other_back()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        var written = await WriteAsync(service, 3);
        const string component = """
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: marketplace-bus }
            spec:
              type: pubsub.local-postgres
              version: v1
              metadata:
                - { name: publishingScopes, value: "notes=notes.note-stamped.v1,notes.dead-letter" }
            """;
        await sidecar.StartAsync(service, component);

        await Eventually.TrueAsync(async () => await Database.ValueAsync<int>(service, "select count(*) from counted") == written.Count, () => sidecar.Output);

        await Eventually.TrueAsync(async () => await Database.ValueAsync<int>(service, "select count(*) from outbox") == written.Count, () => "accepted facts stay in the outbox", 10);
        Assert.Equal(0, await Database.ValueAsync<int>(service, "select count(*) from heard"));
    }

    [Fact]
    public async Task facts_that_are_too_much_for_one_call_are_published_and_consumed_all_the_same()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        var note = (await WriteAsync(service, 1)).Single();
        var ink = new string('é', 400_000);
        for (var n = 0; n < 8; n++)
        {
            var stamp = await service.PostAsync($"/api/notes/{note}/stamps", new { ink }, identity.Staff(Roles.Buyer), $"{n}");
            Assert.Equal(HttpStatusCode.Created, stamp.Status);
        }

        await sidecar.StartAsync(service);

        await HeardAsync(service, sidecar, 1);
        Assert.Equal(9, await Database.ValueAsync<int>(service, "select count(*) from counted"));
        Assert.Equal(0, await Database.ValueAsync<int>(service, "select count(*) from outbox"));
    }

    [Fact]
    public async Task a_sidecar_that_hangs_stops_neither_the_relay_nor_the_service()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        await sidecar.StartAsync(service);
        await WriteAsync(service, 1);
        await HeardAsync(service, sidecar, 1);

        await sidecar.FreezeAsync();
        await WriteAsync(service, 1);
        await Task.Delay(TimeSpan.FromSeconds(32));
        await WriteAsync(service, 1);
        await sidecar.ThawAsync();

        await HeardAsync(service, sidecar, 3);
    }

    [Fact]
    public async Task a_broker_that_is_restarted_while_facts_come_and_go_loses_none()
    {
        var folder = Directory.CreateTempSubdirectory("marketplace-broker-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        var options = new PostgresOptions(PostgresServer.FreePort());
        var broker = await PostgresServer.StartAsync(folder, options);
        try
        {
            await broker.CreateDatabaseAsync("broker");
            await using var sidecar = new SidecarProcess(broker.ConnectionString("broker"));
            await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
            await sidecar.StartAsync(service, null, ("Sidecar:Chaos:Duplicate", "2"), ("Sidecar:Chaos:Reorder", "200"));
            var writing = WriteAsync(service, 200);
            for (var n = 0; n < 2; n++)
            {
                await Eventually.TrueAsync(async () => await Database.ValueAsync<int>(service, "select count(*) from heard") > n * 20, () => sidecar.Output);
                await broker.DisposeAsync();
                await Task.Delay(300);
                broker = await PostgresServer.StartAsync(folder, options);
            }

            await writing;

            await HeardAsync(service, sidecar, 200);
            Assert.Equal(0, await Database.ValueAsync<int>(service, "select count(*) from outbox"));
        }
        finally
        {
            await broker.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task what_a_consumer_could_not_do_for_a_while_is_delivered_again_until_it_can()
    {
        await using var sidecar = new SidecarProcess(await postgres.NewDatabaseAsync());
        await using var service = await StartAsync(sidecar, await postgres.NewDatabaseAsync());
        await sidecar.StartAsync(service, null, ("Sidecar:Chaos:Duplicate", "2"));
        await Database.ValueAsync<object>(service, "alter table heard rename to heard_later; alter table counted rename to counted_later");
        await WriteAsync(service, 20);
        await Eventually.TrueAsync(async () => await Database.ValueAsync<int>(service, "select count(*) from outbox") == 0, () => sidecar.Output);

        // Longer than the pause before the first repetition.
        await Task.Delay(TimeSpan.FromSeconds(2));
        Assert.Equal(2 * (20 + 20), await sidecar.PendingAsync());

        await Database.ValueAsync<object>(service, "alter table heard_later rename to heard; alter table counted_later rename to counted");
        await HeardAsync(service, sidecar, 20);
    }

    private async Task<ServiceProcess> StartAsync(SidecarProcess sidecar, string database) => await ServiceProcess.StartAsync(NotesService.Folder, database, identity, sidecar.ForTheService);

    /// <summary>Writes notes and stamps each: as many facts for the single consumer as for the one in bulk.</summary>
    private async Task<List<Guid>> WriteAsync(ServiceProcess service, int count)
    {
        var token = identity.Staff(Roles.Buyer);
        var written = new List<Guid>();
        for (var n = 0; n < count; n++)
        {
            var note = await service.PostAsync("/api/notes", new { title = $"Note {n}", weight = 1 }, token);
            Assert.True(note.Status == HttpStatusCode.Created, $"{note.Status} {note.Body} {service.Output}");
            var id = note.Body.GetProperty("id").GetGuid();
            var stamp = await service.PostAsync($"/api/notes/{id}/stamps", new { ink = "blue" }, token, $"{id}");
            Assert.True(stamp.Status == HttpStatusCode.Created, $"{stamp.Status} {stamp.Body} {service.Output}");
            written.Add(id);
        }

        return written;
    }

    /// <summary>Waits until every note was heard of and every stamp counted and the bus is quiet; then each was, once.</summary>
    private static async Task HeardAsync(ServiceProcess service, SidecarProcess sidecar, int count)
    {
        await Eventually.TrueAsync(
            async () => await Database.ValueAsync<bool>(service, "select (select count(*) from heard) >= @count and (select count(*) from counted) >= (select count(*) from stamp)", new { count }),
            () => $"{service.Output}{sidecar.Output}",
            60);
        await sidecar.IdleAsync();
        Assert.Equal(count, await Database.ValueAsync<int>(service, "select count(*) from heard where times = 1"));
        Assert.Equal(0, await Database.ValueAsync<int>(service, "select (select count(*) from heard where times <> 1) + (select count(*) from counted where times <> 1)"));
    }
}
