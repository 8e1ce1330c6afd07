using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Marketplace.LocalSidecar.Publishing;

/// <summary>
/// Puts published bytes into a CloudEvents 1.0 envelope as daprd does (wire contract §2.1 to §2.3). Equal to daprd's in meaning,
/// not byte for byte: the order of keys inside "data" is kept.
/// </summary>
internal static class CloudEventEnvelope
{
    private const string DefaultType = "com.dapr.event.sent";
    private const string DefaultSource = "Dapr";
    private const int MaxDepth = 1_000;

    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All), MaxDepth = MaxDepth, SkipValidation = true };
    private static readonly JsonReaderOptions Read = new() { MaxDepth = MaxDepth };

    /// <param name="now">The sidecar's local time: "time" shows its offset.</param>
    /// <param name="newId">The id for an event that brings none of its own.</param>
    /// <param name="componentExpires">True when the component keeps the TTL itself, so that no "expiration" is written.</param>
    public static Envelope Wrap(PublishedEvent published, DateTimeOffset now, Guid newId, bool componentExpires = false)
    {
        var expiration = !componentExpires && TimeToLive.Read(published.Metadata) is { } ttl
            ? now.ToUniversalTime().Add(ttl).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : null;
        return MediaType(published.ContentType) == "application/cloudevents+json"
            ? Complete(published, now, expiration)
            : new Envelope(Build(published, now, newId, expiration), null);
    }

    /// <summary>The envelope that a raw subscription gets around whatever bytes were published (§2.3); the id is new each time.</summary>
    public static byte[] WrapRaw(string pubsub, string topic, ReadOnlySpan<byte> body, Guid newId)
    {
        var buffer = new ArrayBufferWriter<byte>(body.Length * 4 / 3 + 300);
        using var json = new Utf8JsonWriter(buffer, Written);
        json.WriteStartObject();
        json.WriteBase64String("data_base64", body);
        json.WriteString("datacontenttype", "application/octet-stream");
        json.WriteString("id", newId);
        json.WriteString("pubsubname", pubsub);
        json.WriteString("source", DefaultSource);
        json.WriteString("specversion", "1.0");
        json.WriteString("topic", topic);
        json.WriteString("type", DefaultType);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static byte[] Build(PublishedEvent published, DateTimeOffset now, Guid newId, string? expiration)
    {
        var metadata = published.Metadata;
        var contentType = string.IsNullOrEmpty(published.ContentType) ? "text/plain" : published.ContentType;
        var trace = metadata.GetValueOrDefault("cloudevent.traceparent") ?? metadata.GetValueOrDefault("cloudevent.traceid") ?? published.TraceParent;

        var buffer = new ArrayBufferWriter<byte>(published.Body.Length + 600);
        using var json = new Utf8JsonWriter(buffer, Written);
        json.WriteStartObject();
        WriteData(json, MediaType(contentType), published.Body.Span);
        json.WriteString("datacontenttype", contentType);
        if (expiration is not null)
            json.WriteString("expiration", expiration);
        json.WriteString("id", Override(metadata, "cloudevent.id", null, "") is { Length: > 0 } id ? id : newId.ToString());
        json.WriteString("pubsubname", published.PubSub);
        json.WriteString("source", Override(metadata, "cloudevent.source", published.AppId, DefaultSource));
        json.WriteString("specversion", "1.0");
        if (metadata.TryGetValue("cloudevent.subject", out var subject))
            json.WriteString("subject", subject);
        json.WriteString("time", Rfc3339(now));
        json.WriteString("topic", published.Topic);
        json.WriteString("traceid", trace);
        json.WriteString("traceparent", trace);
        json.WriteString("tracestate", metadata.GetValueOrDefault("cloudevent.tracestate") ?? published.TraceState);
        json.WriteString("type", Override(metadata, "cloudevent.type", DefaultType, DefaultType));
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteData(Utf8JsonWriter json, string mediaType, ReadOnlySpan<byte> body)
    {
        if (mediaType is "application/octet-stream" or "application/cloudevents+protobuf")
        {
            json.WriteBase64String("data_base64", body);
            return;
        }
        json.WritePropertyName("data");
        var text = Utf8.IsValid(body) ? body : Repair(body);
        if (mediaType == "application/json" && FirstJsonValue(text, out var value))
            json.WriteRawValue(value, skipInputValidation: true);
        else
            json.WriteStringValue(text);
    }

    private static Envelope Complete(PublishedEvent published, DateTimeOffset now, string? expiration)
    {
        var body = Utf8.IsValid(published.Body.Span) ? published.Body : Repair(published.Body.Span);
        if (!FirstJsonValue(body.Span, out var value))
            return new Envelope(null, body.Length == 0 ? "EOF" : "the body is not valid JSON");
        if (value[0] != (byte)'{')
            return new Envelope(null, "the body is not a JSON object");

        var reader = new Utf8JsonReader(value, Read);
        using var document = JsonDocument.ParseValue(ref reader);
        var own = document.RootElement;
        var attributes = new SortedDictionary<string, object>(StringComparer.Ordinal);
        foreach (var attribute in own.EnumerateObject())
            attributes[attribute.Name] = attribute.Value;

        attributes["pubsubname"] = published.PubSub;
        attributes["topic"] = published.Topic;
        attributes.TryAdd("source", DefaultSource);
        attributes.TryAdd("specversion", "1.0");
        attributes.TryAdd("time", Rfc3339(now));
        attributes.TryAdd("type", DefaultType);
        if (attributes.TryAdd("traceid", published.TraceParent))
            attributes["traceparent"] = published.TraceParent;
        attributes.TryAdd("tracestate", published.TraceState);
        if (expiration is not null)
            attributes["expiration"] = expiration;

        var buffer = new ArrayBufferWriter<byte>(body.Length + 400);
        using var json = new Utf8JsonWriter(buffer, Written);
        json.WriteStartObject();
        foreach (var (name, attribute) in attributes)
        {
            json.WritePropertyName(name);
            if (attribute is JsonElement element)
                element.WriteTo(json);
            else
                json.WriteStringValue((string)attribute);
        }
        json.WriteEndObject();
        json.Flush();
        return new Envelope(buffer.WrittenSpan.ToArray(), null);
    }

    /// <summary>The first JSON value of the text; what follows it is ignored, as Go's stream decoder does.</summary>
    private static bool FirstJsonValue(ReadOnlySpan<byte> text, out ReadOnlySpan<byte> value)
    {
        value = default;
        var reader = new Utf8JsonReader(text, Read);
        try
        {
            if (!reader.Read())
                return false;
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            value = text[start..(int)reader.BytesConsumed];
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Valid UTF-8 with U+FFFD for every byte that was not: Go replaces byte by byte, .NET would replace by sequence.</summary>
    private static byte[] Repair(ReadOnlySpan<byte> text)
    {
        var repaired = new ArrayBufferWriter<byte>(text.Length + 16);
        while (text.Length > 0)
        {
            var valid = Rune.DecodeFromUtf8(text, out _, out var consumed) == OperationStatus.Done;
            if (valid)
                repaired.Write(text[..consumed]);
            else
                for (var i = 0; i < consumed; i++)
                    repaired.Write("\uFFFD"u8);
            text = text[consumed..];
        }
        return repaired.WrittenSpan.ToArray();
    }

    private static string? Override(IReadOnlyDictionary<string, string> metadata, string key, string? absent, string empty) =>
        metadata.TryGetValue(key, out var value) ? (value.Length == 0 ? empty : value) : absent;

    private static string Rfc3339(DateTimeOffset time) => time.Offset == TimeSpan.Zero
        ? time.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        : time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);

    /// <summary>The content type without parameters, in lower case.</summary>
    internal static string MediaType(string? contentType)
    {
        if (string.IsNullOrEmpty(contentType))
            return "";
        var end = contentType.IndexOf(';');
        return (end < 0 ? contentType : contentType[..end]).Trim().ToLowerInvariant();
    }
}
