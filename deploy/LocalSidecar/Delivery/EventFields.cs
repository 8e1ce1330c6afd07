using System.Globalization;
using System.Text.Json;

namespace Marketplace.LocalSidecar.Delivery;

/// <summary>The attributes of a CloudEvent that matter on its way to the app.</summary>
/// <param name="IsObject">False when the bytes are no JSON object, which a normal subscription cannot take.</param>
internal readonly record struct EventFields(bool IsObject, DateTimeOffset? Expiration, string? TraceParent, string? TraceState)
{
    public static EventFields Read(ReadOnlySpan<byte> body)
    {
        string? expiration = null, traceParent = null, traceId = null, traceState = null;
        try
        {
            var reader = new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = 1_000 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return default;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("expiration"u8))
                    expiration = Text(ref reader);
                else if (reader.ValueTextEquals("traceparent"u8))
                    traceParent = Text(ref reader);
                else if (reader.ValueTextEquals("traceid"u8))
                    traceId = Text(ref reader);
                else if (reader.ValueTextEquals("tracestate"u8))
                    traceState = Text(ref reader);
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }
            reader.Read();
        }
        catch (Exception problem) when (problem is JsonException or InvalidOperationException)
        {
            return default;
        }
        return new EventFields(
            true,
            DateTimeOffset.TryParse(expiration, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null,
            Valid(traceParent ?? traceId),
            string.IsNullOrEmpty(traceState) ? null : traceState);
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return reader.GetString();
        reader.Skip();
        return null;
    }

    private static string? Valid(string? traceParent) =>
        traceParent is { Length: 55 } && System.Diagnostics.ActivityContext.TryParse(traceParent, null, out _) ? traceParent : null;
}
