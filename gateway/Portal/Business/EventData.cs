using System.Text.Json;
using Marketplace.Portal.Api;

namespace Marketplace.Portal.Business;

/// <summary>Fields of what a recorded event tells; an absent one is empty, for events older than the field.</summary>
public static class EventData
{
    /// <summary>A whole number, such as cents; 0 when absent.</summary>
    public static long Number(this RecordedEvent e, string field) => Find(e.Data, field) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) ? value : 0;

    /// <summary>A text; null when absent.</summary>
    public static string? Text(this RecordedEvent e, string field) => Find(e.Data, field) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>True when it is there and true.</summary>
    public static bool Flag(this RecordedEvent e, string field) => Find(e.Data, field) is { ValueKind: JsonValueKind.True };

    /// <summary>The parts of an aid: funder and cents.</summary>
    public static IReadOnlyList<(string Funder, long Cents)> AidParts(this RecordedEvent e) =>
        Find(e.Data, "parts") is { ValueKind: JsonValueKind.Array } parts
            ? [.. parts.EnumerateArray().Select(p => (p.GetProperty("funder").GetString() ?? "", p.GetProperty("amountCents").GetInt64()))]
            : [];

    private static JsonElement? Find(JsonElement data, string field) => data.ValueKind == JsonValueKind.Object && data.TryGetProperty(field, out var value) ? value : null;
}
