using System.Net;
using Marketplace.Platform.Storage;
using Marketplace.Testing;

namespace Marketplace.Platform.Tests;

public sealed class Startup(TestPostgres postgres)
{
    [Fact]
    public async Task three_instances_that_start_at_once_on_an_empty_database_migrate_it_once()
    {
        var database = await postgres.NewDatabaseAsync();
        var identity = new TestIdentity();

        var instances = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ServiceProcess.StartAsync(NotesService.Folder, database, identity)));
        try
        {
            foreach (var instance in instances)
            {
                var answer = await instance.PostAsync("/api/notes", new { title = "Ensemble", weight = 1 }, identity.Staff(Identity.Roles.Buyer));
                Assert.Equal(HttpStatusCode.Created, answer.Status);
            }

            Assert.Equal(3, await Database.ValueAsync<int>(instances[0], "select count(*) from note"));
            Assert.Equal(
                "Marketplace.Notes.Storage.001_notes.sql,Marketplace.Platform.Storage.001_platform.sql,Marketplace.Platform.Storage.002_republish.sql",
                await Database.ValueAsync<string>(instances[0], "select string_agg(name, ',' order by name) from migration"));
        }
        finally
        {
            foreach (var instance in instances)
            {
                await instance.DisposeAsync();
            }
        }
    }

    [Fact]
    public async Task migrations_raced_by_twenty_connections_are_applied_once()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(await postgres.NewDatabaseAsync());

        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Migrations.ApplyAsync(source, [typeof(Migrations).Assembly])));

        await using var command = source.CreateCommand("select count(*) from migration");
        Assert.Equal(2L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task a_restored_service_tells_its_public_facts_of_the_last_day_again_once()
    {
        var database = await postgres.NewDatabaseAsync();
        var identity = new TestIdentity();
        await using (var before = await ServiceProcess.StartAsync(NotesService.Folder, database, identity))
        {
            foreach (var title in (string[])["Ancienne", "Récente"])
            {
                await before.PostAsync("/api/notes", new { title, weight = 1 }, identity.Staff(Identity.Roles.Buyer));
            }

            await Database.ValueAsync<int>(before, "delete from outbox; update fact set at = at - interval '2 days' where data::text like '%Ancienne%'; insert into republish values (now() - interval '1 day'), (now() - interval '1 hour')");
        }

        await using var restored = await ServiceProcess.StartAsync(NotesService.Folder, database, identity);
        Assert.Equal("notes.note-written.v1 Récente", await Database.ValueAsync<string>(restored, "select string_agg(type || ' ' || (data ->> 'title'), ',' order by type) from outbox join fact on fact.id = fact_id"));
        Assert.Equal(0, await Database.ValueAsync<int>(restored, "select count(*) from republish"));
    }

    [Fact]
    public async Task a_service_is_live_without_its_sidecar_but_not_ready()
    {
        await using var service = await ServiceProcess.StartAsync(NotesService.Folder, await postgres.NewDatabaseAsync());

        var ready = await service.GetAsync("/health/ready");

        Assert.Equal((HttpStatusCode.ServiceUnavailable, true, false), (ready.Status, ready.Body.GetProperty("database").GetBoolean(), ready.Body.GetProperty("sidecar").GetBoolean()));
    }
}
