using System.Text.Json;

namespace Marketplace.LocalSidecar.Delivery;

internal enum Verdict { Success, Failure, Drop }

/// <summary>What an app's answer to a delivery means (wire contract §4.5).</summary>
internal static class AppAnswer
{
    public static Verdict Read(int statusCode, ReadOnlySpan<byte> body)
    {
        if (statusCode == 404)
            return Verdict.Drop;
        if (statusCode is < 200 or > 299)
            return Verdict.Failure;
        return Status(body) switch
        {
            null or "" or "SUCCESS" => Verdict.Success,
            "DROP" => Verdict.Drop,
            _ => Verdict.Failure,
        };
    }

    /// <summary>The text of the field "status", null when the body is nothing that has one.</summary>
    private static string? Status(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return null;
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return null;
            foreach (var field in document.RootElement.EnumerateObject())
                if (field.Name.Equals("status", StringComparison.OrdinalIgnoreCase))
                    return field.Value.ValueKind == JsonValueKind.String ? field.Value.GetString() : null;
        }
        catch (JsonException)
        {
        }
        return null;
    }
}
