using System.Net;
using Marketplace.Events.Notes;
using Marketplace.Notes.Notes;

namespace Marketplace.Platform.Tests;

/// <summary>State, facts, outbox and the stored answer commit together or not at all.</summary>
public sealed class Commands(NotesService notes) : IClassFixture<NotesService>
{
    [Fact]
    public async Task a_command_commits_its_state_its_facts_and_the_outbox_together()
    {
        var id = await notes.WrittenAsync();

        Assert.Equal(1, await notes.ValueAsync<int>("select count(*) from note where id = @id", new { id }));
        Assert.Equal(id, Assert.Single(await notes.Process.FactsAsync<NoteWritten>(id)).NoteId);
        Assert.Equal(
            "notes.note-written.v1",
            await notes.ValueAsync<string>("select string_agg(f.type, ',') from outbox o join fact f on f.id = o.fact_id where f.stream_id = @id", new { id }));
    }

    [Fact]
    public async Task a_fact_outside_the_public_namespace_is_recorded_and_not_published()
    {
        var id = await notes.WrittenAsync(weight: 7);

        Assert.Equal(7, Assert.Single(await notes.Process.FactsAsync<NoteWeighed>(id)).Weight);
        Assert.Equal(0, await notes.ValueAsync<int>("select count(*) from outbox o join fact f on f.id = o.fact_id where f.stream_id = @id and f.type = 'notes.note-weighed.v1'", new { id }));
    }

    [Fact]
    public async Task a_fact_tells_who_did_it_in_which_role_when_and_in_which_trace()
    {
        var user = Guid.CreateVersion7();
        var answer = await notes.WriteAsync(new { title = "Qui ?", weight = 1 }, token: notes.Process.Identity.Token(user, null, "buyer", "admin"));
        var id = answer.Body.GetProperty("id").GetGuid();

        Assert.Equal(
            $"{user} buyer,admin",
            await notes.ValueAsync<string>("select actor || ' ' || actor_role from fact where stream_id = @id and type = 'notes.note-written.v1' and at between now() - interval '1 minute' and now() + interval '1 second'", new { id }));
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$", await notes.ValueAsync<string>("select trace from fact where stream_id = @id limit 1", new { id }));
    }

    [Fact]
    public async Task a_refusal_without_a_key_leaves_nothing()
    {
        var before = await CountsAsync();

        var answer = await notes.WriteAsync(new { title = "refused", weight = 1 });

        Assert.Equal((HttpStatusCode.Conflict, "note-refused"), (answer.Status, answer.Problem));
        Assert.Equal(before, await CountsAsync());
    }

    [Fact]
    public async Task a_refusal_with_a_key_leaves_only_its_answer_and_gives_it_again()
    {
        var before = await CountsAsync();
        var key = $"{Guid.NewGuid()}";

        var first = await notes.WriteAsync(new { title = "refused", weight = 1 }, key);
        var second = await notes.WriteAsync(new { title = "refused", weight = 1 }, key);

        Assert.Equal((HttpStatusCode.Conflict, "note-refused", false), (first.Status, first.Problem, first.IsReplay()));
        Assert.Equal((HttpStatusCode.Conflict, "note-refused", true), (second.Status, second.Problem, second.IsReplay()));
        Assert.Equal(before, await CountsAsync());
        Assert.Equal(1, await notes.ValueAsync<int>("select count(*) from idempotency where key = @key and status = 409", new { key }));
    }

    [Fact]
    public async Task a_failure_leaves_nothing_keeps_its_inside_to_itself_and_frees_the_key()
    {
        var before = await CountsAsync();
        var key = $"{Guid.NewGuid()}";

        var answer = await notes.WriteAsync(new { title = "broken", weight = 1 }, key);

        Assert.Equal((HttpStatusCode.InternalServerError, "internal-error"), (answer.Status, answer.Problem));
        Assert.DoesNotContain("inside", answer.Body.ToString());
        await Eventually.TrueAsync(() => Task.FromResult(notes.Process.Output.Contains("the inside of the failure", StringComparison.Ordinal)), () => "the failure was not recorded");
        Assert.Equal(before, await CountsAsync());
        Assert.Equal(0, await notes.ValueAsync<int>("select count(*) from idempotency where key = @key", new { key }));
    }

    [Fact]
    public async Task a_change_of_a_version_that_is_no_longer_current_is_refused()
    {
        var id = await notes.WrittenAsync();

        var current = await notes.Process.SendAsync(HttpMethod.Put, $"/api/notes/{id}", new { title = "Deux" }, notes.Token, ifMatch: "\"1\"");
        var stale = await notes.Process.SendAsync(HttpMethod.Put, $"/api/notes/{id}", new { title = "Trois" }, notes.Token, ifMatch: "\"1\"");
        var foreign = await notes.Process.SendAsync(HttpMethod.Put, $"/api/notes/{id}", new { title = "Quatre" }, notes.Token, ifMatch: "\"none-of-ours\"");

        Assert.Equal((HttpStatusCode.OK, "\"2\""), (current.Status, current.Headers.ETag?.Tag));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale-version", 2), (stale.Status, stale.Problem, stale.Body.GetProperty("version").GetInt32()));
        Assert.Equal(HttpStatusCode.PreconditionFailed, foreign.Status);
        Assert.Equal("Deux", await notes.ValueAsync<string>("select title from note where id = @id", new { id }));
    }

    private async Task<string> CountsAsync() =>
        await notes.ValueAsync<string>("select concat_ws('/', (select count(*) from note), (select count(*) from fact), (select count(*) from outbox))");
}
