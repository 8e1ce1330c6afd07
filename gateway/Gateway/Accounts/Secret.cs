using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Gateway.Accounts;

/// <summary>A text that is read from requests and never written anywhere: it prints as stars.</summary>
public sealed class Secret(string text)
{
    /// <summary>The text itself.</summary>
    public string Reveal() => text;

    /// <inheritdoc />
    public override string ToString() => "***";
}

/// <summary>
/// Reads secrets as they are and writes them as a keyed digest. The idempotency store hashes whole requests: with the
/// digest it still tells two passwords apart, and what it stores cannot be searched for passwords without the key.
/// </summary>
public sealed class SecretConverter(byte[] key) : JsonConverter<Secret>
{
    /// <inheritdoc />
    public override Secret? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ((JsonConverter<string>)options.GetConverter(typeof(string))).Read(ref reader, typeof(string), options) is { } text ? new Secret(text) : null;

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Secret value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(value.Reveal()))));
}
