using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.PaymentSimulator.Wire;

/// <summary>Reading and writing Stripe's JSON objects.</summary>
public static class Json
{
    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = JsonSerializerOptions.Default.TypeInfoResolver,
    };

    /// <summary>A text field, or <c>null</c>.</summary>
    public static string? Text(this JsonObject node, string name) => (string?)node[name];

    /// <summary>A whole number; 0 when absent.</summary>
    public static long Number(this JsonObject node, string name) => (long?)node[name] ?? 0;

    /// <summary>A yes/no field; false when absent.</summary>
    public static bool Flag(this JsonObject node, string name) => (bool?)node[name] ?? false;

    /// <summary>The object's id.</summary>
    public static string Id(this JsonObject node) => (string)node["id"]!;

    /// <summary>The text that goes over the wire or into the database.</summary>
    public static string Write(this JsonObject node) => node.ToJsonString(Plain);

    /// <summary>What a caller may see at an instant: no fields of our own, and whether money has become available meanwhile.</summary>
    public static JsonObject Shown(this JsonObject node, long now)
    {
        var shown = (JsonObject)node.DeepClone();
        Tidy(shown, now);
        return shown;
    }

    /// <summary>A new id that nobody mistakes for one of Stripe's.</summary>
    public static string NewId(string prefix) =>
        $"{prefix}_sim_{RandomNumberGenerator.GetString("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 20)}";

    /// <summary>An array of texts.</summary>
    public static JsonArray Array(params IEnumerable<string> texts) => [.. texts.Select(text => (JsonNode)text)];

    private static void Tidy(JsonNode? node, long now)
    {
        if (node is JsonArray items)
        {
            foreach (var item in items)
                Tidy(item, now);
        }
        else if (node is JsonObject fields)
        {
            foreach (var name in fields.Select(field => field.Key).Where(name => name.StartsWith('_')).ToArray())
                fields.Remove(name);
            if (fields["object"] is JsonValue kind && kind.GetValueKind() == JsonValueKind.String && (string?)kind == "balance_transaction")
                fields["status"] = fields.Number("available_on") <= now ? "available" : "pending";
            foreach (var field in fields)
                Tidy(field.Value, now);
        }
    }
}
