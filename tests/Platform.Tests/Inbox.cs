using System.Net;
using System.Text;
using System.Text.Json;
using Marketplace.Events.Notes;
using Marketplace.Platform.Requests;
using Marketplace.Testing;

namespace Marketplace.Platform.Tests;

/// <summary>What a sidecar delivers: twice, at the same time, together with poison, or not being the sidecar at all.</summary>
public sealed class Inbox(NotesService notes) : IClassFixture<NotesService>
{
    [Fact]
    public async Task an_event_delivered_twice_has_one_effect()
    {
        var fact = new NoteWritten(Guid.CreateVersion7(), "Deux fois", 1);
        var id = Guid.CreateVersion7();

        Assert.Equal(HttpStatusCode.OK, await notes.Process.DeliverAsync(fact, id));
        Assert.Equal(HttpStatusCode.OK, await notes.Process.DeliverAsync(fact, id));

        Assert.Equal(1, await HeardAsync(fact.NoteId));
        Assert.Equal(HttpStatusCode.OK, await notes.Process.DeliverAsync(fact));
        Assert.Equal(2, await HeardAsync(fact.NoteId));
    }

    [Fact]
    public async Task an_event_delivered_ten_times_at_the_same_time_has_one_effect()
    {
        var fact = new NoteWritten(Guid.CreateVersion7(), "Dix fois", 1);
        var id = Guid.CreateVersion7();

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => notes.Process.DeliverAsync(fact, id)));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a));
        Assert.Equal(1, await HeardAsync(fact.NoteId));
    }

    [Fact]
    public async Task an_event_whose_handler_failed_leaves_nothing_and_is_welcome_again()
    {
        var fact = new NoteWritten(Guid.CreateVersion7(), "unbearable", 1);
        var id = Guid.CreateVersion7();

        Assert.Equal(HttpStatusCode.InternalServerError, await notes.Process.DeliverAsync(fact, id));
        Assert.Equal(0, await HeardAsync(fact.NoteId));
        Assert.Equal(0, await notes.ValueAsync<int>("select count(*) from inbox where event_id = @id", new { id = $"{id}" }));

        Assert.Equal(HttpStatusCode.OK, await notes.Process.DeliverAsync(fact with { Title = "bearable" }, id));
        Assert.Equal(1, await HeardAsync(fact.NoteId));
    }

    [Fact]
    public async Task a_batch_with_overlapping_and_repeated_events_counts_each_once()
    {
        var facts = Enumerable.Range(0, 30).Select(_ => Stamped()).ToList();
        var batches = Enumerable.Range(0, 8).Select(n => facts.Skip(n).Take(20).Concat(facts.Skip(n).Take(3)).Reverse().ToList());

        var answers = await Task.WhenAll(batches.Select(DeliverAsync));

        Assert.All(answers.SelectMany(a => a), status => Assert.Equal("SUCCESS", status));
        Assert.Equal(27, await notes.ValueAsync<int>("select sum(times) from counted where stamp_id = any(@ids)", new { ids = facts.Select(f => f.StampId).ToArray() }));
    }

    [Theory]
    [InlineData("poison")]
    [InlineData("slow poison")]
    public async Task poison_in_a_batch_is_to_be_retried_and_holds_nobody_back(string poison)
    {
        var batch = new List<NoteStamped> { Stamped(), Stamped(poison), Stamped() };

        var answer = await DeliverAsync(batch);

        Assert.Equal(["SUCCESS", "RETRY", "SUCCESS"], answer);
        Assert.Equal((1, 0, 1), (await CountedAsync(batch[0]), await CountedAsync(batch[1]), await CountedAsync(batch[2])));
        Assert.Equal(["SUCCESS", "RETRY"], await DeliverAsync(batch.Take(2).ToList()));
        Assert.Equal(1, await CountedAsync(batch[0]));
    }

    [Fact]
    public async Task an_event_of_the_wrong_shape_in_a_batch_holds_nobody_back()
    {
        var good = Stamped();
        var body = JsonSerializer.Serialize(
            new { entries = new object[] { Entry("1", CloudEvent(good.StampId, good)), Entry("2", CloudEvent(Guid.NewGuid(), "no stamp")), Entry("3", new { specversion = "1.0" }) } }, Json.Options);

        var (status, answer) = await PostAsync("/events/notes.note-stamped.v1", body, ServiceProcess.AppToken);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(["SUCCESS", "RETRY", "RETRY"], Statuses(answer));
        Assert.Equal(1, await CountedAsync(good));
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"id":"1","data":"no note"}""")]
    public async Task a_delivery_that_cannot_be_read_is_never_accepted_nor_dropped(string body)
    {
        var (status, _) = await PostAsync("/events/notes.note-written.v1", body, ServiceProcess.AppToken);

        Assert.Equal(HttpStatusCode.InternalServerError, status);
    }

    [Theory]
    [InlineData("/events/notes.note-written.v1")]
    [InlineData("/events/notes.note-stamped.v1")]
    public async Task who_does_not_know_the_app_token_delivers_nothing(string path)
    {
        var fact = new NoteWritten(Guid.CreateVersion7(), "Intrus", 1);
        var body = JsonSerializer.Serialize(CloudEvent(Guid.NewGuid(), fact), Json.Options);

        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(path, body, null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(path, body, "")).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(path, body, ServiceProcess.AppToken + "x")).Status);
        Assert.Equal(0, await HeardAsync(fact.NoteId));
    }

    [Fact]
    public async Task the_sidecar_is_told_of_every_consumer_with_its_dead_letter_topic()
    {
        using var anonymous = await notes.Process.Http.GetAsync("/dapr/subscribe");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/dapr/subscribe");
        request.Headers.Add("dapr-api-token", ServiceProcess.AppToken);
        using var response = await notes.Process.Http.SendAsync(request);
        var subscriptions = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()).EnumerateArray().ToList();

        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
        Assert.Equal(["notes.note-stamped.v1", "notes.note-written.v1"], subscriptions.Select(s => s.GetProperty("topic").GetString()));
        Assert.All(subscriptions, s => Assert.Equal(("marketplace-bus", "notes.dead-letter"), (s.GetProperty("pubsubname").GetString(), s.GetProperty("deadLetterTopic").GetString())));
        Assert.True(subscriptions[0].GetProperty("bulkSubscribe").GetProperty("enabled").GetBoolean());
        Assert.False(subscriptions[1].TryGetProperty("bulkSubscribe", out _));
    }

    private static NoteStamped Stamped(string ink = "blue") => new(Guid.CreateVersion7(), Guid.CreateVersion7(), ink, 1);

    private static object CloudEvent(Guid id, object data) => new { id, specversion = "1.0", type = "test", source = "test", data };

    private static object Entry(string entryId, object cloudEvent) => new { entryId, @event = cloudEvent };

    private static List<string?> Statuses(string answer) =>
        JsonSerializer.Deserialize<JsonElement>(answer).GetProperty("statuses").EnumerateArray().Select(s => s.GetProperty("status").GetString()).ToList();

    /// <summary>Delivers in bulk; the event id is the stamp's.</summary>
    private async Task<List<string?>> DeliverAsync(List<NoteStamped> batch)
    {
        var entries = batch.Select((fact, n) => Entry($"{n}", CloudEvent(fact.StampId, fact)));
        var (status, answer) = await PostAsync("/events/notes.note-stamped.v1", JsonSerializer.Serialize(new { entries }, Json.Options), ServiceProcess.AppToken);
        Assert.True(status == HttpStatusCode.OK, $"{status} {notes.Process.Output}");
        return Statuses(answer);
    }

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, string body, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation("dapr-api-token", token);
        }

        using var response = await notes.Process.Http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }

    private Task<int> HeardAsync(Guid note) => notes.ValueAsync<int>("select coalesce((select times from heard where note_id = @note), 0)", new { note });

    private Task<int> CountedAsync(NoteStamped fact) => notes.ValueAsync<int>("select coalesce((select times from counted where stamp_id = @StampId), 0)", fact);
}
