using System.Globalization;
using System.Text.Json;
using Marketplace.LocalSidecar.Publishing;

namespace Marketplace.Conformance;

/// <summary>The envelopes that Dapr's own code made for 39 inputs.</summary>
public class CloudEventVectors
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 0, 23, 10, TimeSpan.Zero);
    private static readonly Guid NewId = Guid.Parse("9ba88f4c-cb67-4589-afb6-1bf74f655cf1");
    private static readonly Dictionary<string, JsonElement> Vectors = JsonDocument
        .Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "dapr-cloudevents.json")))
        .RootElement.EnumerateArray()
        .ToDictionary(vector => vector.GetProperty("name").GetString()!);

    public static TheoryData<string> Names => [.. Vectors.Keys];

    [Fact]
    public void there_are_39_vectors() => Assert.Equal(39, Vectors.Count);

    [Theory]
    [MemberData(nameof(Names))]
    public void the_envelope_is_the_one_that_dapr_makes(string name)
    {
        var vector = Vectors[name];
        var envelope = CloudEventEnvelope.Wrap(Input(vector), Now, NewId, vector.TryGetProperty("componentHasNativeTtl", out var native) && native.GetBoolean());

        if (vector.TryGetProperty("expectError", out _))
        {
            Assert.Null(envelope.Bytes);
            Assert.False(string.IsNullOrEmpty(envelope.Error));
            return;
        }
        var expected = vector.GetProperty("expect").EnumerateObject().ToDictionary(member => member.Name, member => Expected(member, vector));
        var actual = JsonDocument.Parse(envelope.Bytes!).RootElement.EnumerateObject().ToDictionary(member => member.Name, member => member.Value);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (member, value) in expected)
            Assert.True(JsonElement.DeepEquals(value, actual[member]), $"{member}: expected {value.GetRawText()}, got {actual[member].GetRawText()}");
    }

    [Fact]
    public void digits_of_numbers_are_kept()
    {
        var envelope = Wrap("""{"n":12345678901234567890.10}""");
        Assert.Equal("12345678901234567890.10", envelope.GetProperty("data").GetProperty("n").GetRawText());
    }

    [Fact]
    public void time_shows_the_local_offset()
    {
        var published = new PublishedEvent("ps", "orders", "app1", "application/json", "1"u8.ToArray(), new Dictionary<string, string>());
        var envelope = CloudEventEnvelope.Wrap(published, new DateTimeOffset(2026, 7, 1, 10, 0, 0, TimeSpan.FromHours(2)), NewId);
        Assert.Equal("2026-07-01T10:00:00+02:00", JsonDocument.Parse(envelope.Bytes!).RootElement.GetProperty("time").GetString());
    }

    [Fact]
    public void a_cut_off_utf8_sequence_becomes_one_replacement_per_byte()
    {
        var published = new PublishedEvent("ps", "orders", "app1", "text/plain", new byte[] { 0x61, 0xE2, 0x82 }, new Dictionary<string, string>());
        Assert.Equal("a\uFFFD\uFFFD", JsonDocument.Parse(CloudEventEnvelope.Wrap(published, Now, NewId).Bytes!).RootElement.GetProperty("data").GetString());
    }

    [Theory]
    [InlineData("-5s", 0)]
    [InlineData("1.5s", 1500)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("250ms", 250)]
    [InlineData("7", 7_000)]
    [InlineData("-7", null)]
    [InlineData("1 day", null)]
    public void a_time_to_live_is_read_as_go_reads_it(string text, int? milliseconds) =>
        Assert.Equal(milliseconds, TimeToLive.Read(new Dictionary<string, string> { ["ttl"] = text })?.TotalMilliseconds);

    private static JsonElement Wrap(string body)
    {
        var published = new PublishedEvent("ps", "orders", "app1", "application/json", System.Text.Encoding.UTF8.GetBytes(body), new Dictionary<string, string>());
        return JsonDocument.Parse(CloudEventEnvelope.Wrap(published, Now, NewId).Bytes!).RootElement;
    }

    private static PublishedEvent Input(JsonElement vector)
    {
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        if (vector.TryGetProperty("metadata", out var given))
            foreach (var item in given.EnumerateObject())
                metadata[item.Name] = item.Value.GetString()!;
        return new PublishedEvent(
            "ps", "orders", "app1",
            vector.GetProperty("contentType").GetString(),
            vector.GetProperty("bodyBase64").GetBytesFromBase64(),
            metadata,
            vector.GetProperty("activeTraceparent").GetString()!);
    }

    private static JsonElement Expected(JsonProperty member, JsonElement vector)
    {
        var text = member.Value.ValueKind == JsonValueKind.String ? member.Value.GetString() : null;
        var concrete = text switch
        {
            "<uuid-v4>" => NewId.ToString(),
            "<rfc3339-now>" => "2026-11-22T00:23:10Z",
            "<rfc3339-utc-now+ttl>" => Now.Add(Ttl(vector)).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            _ => null,
        };
        return concrete is null ? member.Value : JsonSerializer.SerializeToElement(concrete);
    }

    // Worked out by hand for the values that occur, so that the code under test is not asked.
    private static TimeSpan Ttl(JsonElement vector) => vector.GetProperty("metadata").EnumerateObject().Single(item => item.Name.StartsWith("ttl", StringComparison.OrdinalIgnoreCase)).Value.GetString() switch
    {
        "60" => TimeSpan.FromSeconds(60),
        "1h30m" => TimeSpan.FromMinutes(90),
        "5" => TimeSpan.FromSeconds(5),
        "0" => TimeSpan.Zero,
        var other => throw new InvalidOperationException($"no expectation for a TTL of {other}"),
    };
}
