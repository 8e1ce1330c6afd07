using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Marketplace.PooledOrders.Payments;

/// <summary>A value that must reach the payer's browser and nothing else: no log, no address, no event.</summary>
[JsonConverter(typeof(StripeSecretConverter))]
public readonly struct StripeSecret(string value)
{
    /// <summary>The secret itself.</summary>
    public string Reveal() => value;

    /// <summary>Never the secret.</summary>
    public override string ToString() => "[redacted]";
}

/// <summary>A reference that Stripe answers as an id, or as the whole object if the call asked to expand it.</summary>
/// <param name="Id">The object's id, in both cases.</param>
/// <param name="Value">The object, if it was expanded.</param>
public sealed record StripeExpandable<T>(string Id, T? Value)
    where T : class;

/// <summary>Reads Stripe's snake_case JSON; unknown fields and unknown statuses pass.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    Converters =
    [
        typeof(StripeExpandableConverter<StripeCustomer>), typeof(StripeExpandableConverter<StripePaymentMethod>),
        typeof(StripeExpandableConverter<StripeCharge>), typeof(StripeExpandableConverter<StripeBalanceTransaction>),
        typeof(StripeExpandableConverter<StripeSource>),
    ])]
[JsonSerializable(typeof(StripeCustomer))]
[JsonSerializable(typeof(StripePaymentMethod))]
[JsonSerializable(typeof(StripeSetupIntent))]
[JsonSerializable(typeof(StripePaymentIntent))]
[JsonSerializable(typeof(StripeCharge))]
[JsonSerializable(typeof(StripeRefund))]
[JsonSerializable(typeof(StripeBalanceTransaction))]
[JsonSerializable(typeof(StripeSource))]
[JsonSerializable(typeof(StripeEvent))]
[JsonSerializable(typeof(StripeList<StripePaymentIntent>))]
[JsonSerializable(typeof(StripeList<StripeRefund>))]
[JsonSerializable(typeof(StripeList<StripeBalanceTransaction>))]
[JsonSerializable(typeof(StripeList<StripeEvent>))]
[JsonSerializable(typeof(StripeList<StripePayout>))]
[JsonSerializable(typeof(StripeErrorBody))]
internal sealed partial class StripeJson : JsonSerializerContext;

internal sealed class StripeSecretConverter : JsonConverter<StripeSecret>
{
    public override StripeSecret Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, StripeSecret value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

internal sealed class StripeExpandableConverter<T> : JsonConverter<StripeExpandable<T>>
    where T : class
{
    public override StripeExpandable<T>? Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String)
            return new(reader.GetString()!, null);

        using var document = JsonDocument.ParseValue(ref reader);
        var id = document.RootElement.GetProperty("id").GetString()!;
        return new(id, document.RootElement.Deserialize((JsonTypeInfo<T>)options.GetTypeInfo(typeof(T))));
    }

    public override void Write(Utf8JsonWriter writer, StripeExpandable<T> value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Id);
}
