using System.Net;
using Marketplace.Notes.Notes;
using Marketplace.Platform.Time;
using Marketplace.Testing;

namespace Marketplace.Platform.Tests;

/// <summary>The local run's movable clock, and work that becomes due by it.</summary>
public sealed class Clock(NotesService notes, TestPostgres postgres) : IClassFixture<NotesService>
{
    [Fact]
    public void the_clock_moves_forward_for_everybody_who_shares_its_file_and_never_back()
    {
        var file = Path.Combine(Path.GetTempPath(), $"clock-{Guid.NewGuid():N}");
        try
        {
            var mover = new LocalClock(file);
            var other = new LocalClock(file);
            Assert.InRange(mover.GetUtcNow() - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1));

            mover.Advance(TimeSpan.FromDays(8));
            mover.Advance(TimeSpan.FromMilliseconds(1));
            Assert.InRange(other.GetUtcNow() - TimeProvider.System.GetUtcNow(), TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(1));
            other.Reload();

            var days8 = TimeSpan.FromDays(8);
            Assert.InRange(mover.GetUtcNow() - TimeProvider.System.GetUtcNow(), days8, days8 + TimeSpan.FromSeconds(2));
            Assert.InRange(other.GetUtcNow() - TimeProvider.System.GetUtcNow(), days8, days8 + TimeSpan.FromSeconds(2));
            Assert.InRange(new LocalClock(file).GetUtcNow() - TimeProvider.System.GetUtcNow(), days8, days8 + TimeSpan.FromSeconds(2));
            Assert.Throws<ArgumentOutOfRangeException>(() => mover.Advance(TimeSpan.Zero));
            Assert.Throws<ArgumentOutOfRangeException>(() => mover.Advance(TimeSpan.FromDays(-1)));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task what_becomes_due_is_done_when_the_call_that_moved_the_clock_answers()
    {
        var soon = await notes.WrittenAsync("Dans un jour", dueAt: DateTime.UtcNow.AddDays(1));
        var later = await notes.WrittenAsync("Dans un an", dueAt: DateTime.UtcNow.AddDays(365));

        await notes.Process.AdvanceClockAsync(TimeSpan.FromDays(2));

        Assert.Equal("due", await notes.ValueAsync<string>("select status from note where id = @soon", new { soon }));
        Assert.Equal("new", await notes.ValueAsync<string>("select status from note where id = @later", new { later }));
        Assert.Single(await notes.Process.FactsAsync<NoteFellDue>(soon));
        Assert.Null(await notes.ValueAsync<string?>("select actor_role from fact where stream_id = @soon and type = 'notes.note-fell-due.v1'", new { soon }));
    }

    [Fact]
    public async Task what_is_due_is_done_within_seconds_without_anybody_asking()
    {
        var id = await notes.WrittenAsync("Maintenant", dueAt: DateTime.UtcNow.AddDays(-1));

        await Eventually.TrueAsync(() => notes.ValueAsync<bool>("select status = 'due' from note where id = @id", new { id }), () => notes.Process.Output, 10);
    }

    [Fact]
    public async Task who_does_not_know_the_app_token_does_not_touch_the_clock()
    {
        using var answer = await notes.Process.Http.PostAsync("/local/clock", null);

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task without_the_setting_there_is_no_such_route_and_the_clock_is_the_systems()
    {
        await using var deployed = await ServiceProcess.StartAsync(NotesService.Folder, await postgres.NewDatabaseAsync(), settings: new Dictionary<string, string> { ["LocalClock__File"] = "" });

        using var request = new HttpRequestMessage(HttpMethod.Post, "/local/clock");
        request.Headers.Add("dapr-api-token", ServiceProcess.AppToken);
        using var answer = await deployed.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("not-found", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task due_work_that_waited_too_long_for_a_neighbour_stops_neither_the_loop_nor_the_service()
    {
        await using var service = await ServiceProcess.StartAsync(NotesService.Folder, await postgres.NewDatabaseAsync());
        var token = service.Identity.Staff(Identity.Roles.Buyer);
        await service.PostAsync("/api/notes", new { title = "hangs", weight = 1, dueAt = DateTime.UtcNow.AddDays(-1) }, token);
        await Eventually.TrueAsync(() => Task.FromResult(service.Output.Contains("HangWithNote", StringComparison.Ordinal)), () => service.Output, 10);

        await service.PostAsync("/api/notes", new { title = "Après", weight = 1, dueAt = DateTime.UtcNow.AddDays(-1) }, token);

        await Eventually.TrueAsync(() => Database.ValueAsync<bool>(service, "select status = 'due' from note where title = 'Après'"), () => service.Output, 10);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/health/live")).Status);
    }
}
