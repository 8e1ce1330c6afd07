using System.Text;
using System.Text.Json;

namespace Marketplace.LocalSidecar.Publishing;

internal sealed record BulkEntry(string EntryId, string ContentType, byte[] Event, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Reads the body of a bulk publish (wire contract §3).</summary>
internal static class BulkEntries
{
    /// <summary>The entries, or why the whole request is refused.</summary>
    /// <param name="shared">Metadata of the request: merged only into entries that carry a metadata object of their own, which wins.</param>
    public static (List<BulkEntry> Entries, string? Problem) Read(ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string> shared)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1_000 });
            var entries = document.RootElement.EnumerateArray().Select(entry => One(entry, shared)).ToList();
            var ids = new HashSet<string>();
            var bad = entries.Find(entry => entry.EntryId.Length == 0 || !ids.Add(entry.EntryId));
            return bad is null ? (entries, null) : ([], $"error: entryId is duplicated or not present for entry: {bad.EntryId}");
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException or FormatException)
        {
            return ([], problem.Message);
        }
    }

    private static BulkEntry One(JsonElement entry, IReadOnlyDictionary<string, string> shared)
    {
        string entryId = "", contentType = "";
        JsonElement content = default;
        var metadata = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in entry.EnumerateObject())
        {
            switch (field.Name.ToLowerInvariant())
            {
                case "entryid":
                    entryId = field.Value.GetString() ?? "";
                    break;
                case "contenttype":
                    contentType = field.Value.GetString() ?? "";
                    break;
                case "event":
                    content = field.Value;
                    break;
                case "metadata" when field.Value.ValueKind != JsonValueKind.Null:
                    foreach (var item in field.Value.EnumerateObject())
                        metadata[item.Name] = item.Value.GetString() ?? "";
                    foreach (var (key, value) in shared)
                        metadata.TryAdd(key, value);
                    break;
            }
        }
        return new BulkEntry(entryId, contentType, Bytes(content, contentType), metadata);
    }

    private static byte[] Bytes(JsonElement content, string contentType)
    {
        var type = CloudEventEnvelope.MediaType(contentType);
        var isText = content.ValueKind == JsonValueKind.String;
        return type switch
        {
            "application/json" or "application/cloudevents+json" => Encoding.UTF8.GetBytes(content.ValueKind == JsonValueKind.Undefined ? "null" : content.GetRawText()),
            "application/xml" when isText => Encoding.UTF8.GetBytes(content.GetString()!),
            "application/octet-stream" when isText => content.GetBytesFromBase64(),
            _ when isText && type.StartsWith("text/", StringComparison.Ordinal) => Encoding.UTF8.GetBytes(content.GetString()!),
            _ => throw new FormatException($"error: mismatch between contentType and event for contentType '{contentType}'"),
        };
    }
}
