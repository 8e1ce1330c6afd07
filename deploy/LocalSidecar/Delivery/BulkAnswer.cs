using System.Text.Json;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>What an app's answer to a bulk delivery means for each entry; unlike a single delivery, silence is failure (wire contract §4.7).</summary>
internal static class BulkAnswer
{
    /// <returns>The verdict by entry id; an entry that is not in it has failed.</returns>
    public static Dictionary<string, Verdict> Read(int statusCode, ReadOnlyMemory<byte> body, IEnumerable<string> entryIds)
    {
        // 404 counts as handled, without a dead letter.
        if (statusCode == 404)
            return entryIds.ToDictionary(id => id, _ => Verdict.Success);
        var verdicts = new Dictionary<string, Verdict>();
        if (statusCode is < 200 or > 299)
            return verdicts;
        try
        {
            using var document = JsonDocument.Parse(body);
            foreach (var status in document.RootElement.GetProperty("statuses").EnumerateArray())
                verdicts[status.GetProperty("entryId").GetString() ?? ""] = status.TryGetProperty("status", out var text) && text.ValueKind == JsonValueKind.String
                    ? text.GetString() switch
                    {
                        "SUCCESS" => Verdict.Success,
                        "DROP" => Verdict.Drop,
                        _ => Verdict.Failure,
                    }
                    : Verdict.Failure;
        }
        catch (Exception problem) when (problem is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
        return verdicts;
    }
}
