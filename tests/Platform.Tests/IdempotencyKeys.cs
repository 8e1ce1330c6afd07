using System.Net;
using Marketplace.Platform.Identity;

namespace Marketplace.Platform.Tests;

/// <summary>The <c>Idempotency-Key</c> of API.md, Conventions.</summary>
public sealed class IdempotencyKeys(NotesService notes) : IClassFixture<NotesService>
{
    private readonly string key = $"clef-{Guid.NewGuid()}";

    [Fact]
    public async Task the_same_key_and_body_give_the_first_answer_again()
    {
        var first = await notes.WriteAsync(new { title = "Une fois", weight = 3 }, key);
        var second = await notes.WriteAsync(new { title = "Une fois", weight = 3 }, key);

        Assert.Equal((HttpStatusCode.Created, false), (first.Status, first.IsReplay()));
        Assert.Equal((HttpStatusCode.Created, true), (second.Status, second.IsReplay()));
        Assert.Equal(first.Body.GetRawText(), second.Body.GetRawText());
        Assert.Equal((first.Headers.Location, first.Headers.ETag), (second.Headers.Location, second.Headers.ETag));
        Assert.NotNull(first.Headers.Location);
        Assert.Equal(1, await notes.ValueAsync<int>("select count(*) from note where title = 'Une fois'"));
    }

    [Fact]
    public async Task the_same_key_with_another_body_or_for_another_call_is_refused()
    {
        var note = await notes.WrittenAsync();
        await notes.StampAsync(note, key);

        var otherBody = await notes.StampAsync(note, key, "red");
        var otherCall = await notes.WriteAsync(new { title = "Autre appel", weight = 3 }, key);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (otherBody.Status, otherBody.Problem));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (otherCall.Status, otherCall.Problem));
        Assert.Equal(1, await notes.ValueAsync<int>("select count(*) from stamp where note_id = @note", new { note }));
    }

    [Fact]
    public async Task the_same_key_of_another_user_is_another_key()
    {
        var note = await notes.WrittenAsync();

        var mine = await notes.StampAsync(note, key);
        var theirs = await notes.StampAsync(note, key, token: notes.Process.Identity.Staff(Roles.Buyer));

        Assert.Equal((HttpStatusCode.Created, HttpStatusCode.Created, false), (mine.Status, theirs.Status, theirs.IsReplay()));
        Assert.Equal(2, await notes.ValueAsync<int>("select count(*) from stamp where note_id = @note", new { note }));
    }

    [Fact]
    public async Task twenty_at_the_same_time_with_one_key_have_one_effect()
    {
        var note = await notes.WrittenAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => notes.StampAsync(note, key)));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.Status));
        Assert.Single(answers.Select(a => a.Body.GetRawText()).Distinct());
        Assert.Equal(19, answers.Count(a => a.IsReplay()));
        Assert.Equal(1, await notes.ValueAsync<int>("select count(*) from stamp where note_id = @note", new { note }));
        Assert.Equal(1, await notes.ValueAsync<int>("select count(*) from fact where type = 'notes.note-stamped.v1' and data ->> 'noteId' = @note", new { note = $"{note}" }));
    }

    [Fact]
    public async Task a_keyed_call_without_a_key_is_refused_and_does_nothing()
    {
        var note = await notes.WrittenAsync();

        var answer = await notes.StampAsync(note, null);

        Assert.Equal((HttpStatusCode.BadRequest, "idempotency-key-required"), (answer.Status, answer.Problem));
        Assert.Equal(0, await notes.ValueAsync<int>("select count(*) from stamp where note_id = @note", new { note }));
    }

    [Theory]
    [InlineData(255, HttpStatusCode.Created)]
    [InlineData(256, HttpStatusCode.BadRequest)]
    [InlineData(5000, HttpStatusCode.BadRequest)]
    public async Task a_key_has_at_most_255_characters(int length, HttpStatusCode expected)
    {
        var note = await notes.WrittenAsync();

        var answer = await notes.StampAsync(note, new string('k', length));

        Assert.Equal(expected, answer.Status);
        if (expected == HttpStatusCode.BadRequest)
        {
            answer.Error("Idempotency-Key");
        }
    }

    [Fact]
    public async Task an_empty_key_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/notes/{await notes.WrittenAsync()}/stamps") { Content = new StringContent("{}", null, "application/json") };
        request.Headers.Authorization = new("Bearer", notes.Token);
        request.Headers.TryAddWithoutValidation("Idempotency-Key", "");

        using var response = await notes.Process.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }
}
