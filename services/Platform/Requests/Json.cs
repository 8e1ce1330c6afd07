using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace Marketplace.Platform.Requests;

/// <summary>
/// The one JSON dialect of the API (API.md, Conventions): camelCase, instants in UTC, no NUL characters, no duplicate
/// members, numbers as numbers. A service adds its source-generated context with <see cref="Use"/> at start.
/// </summary>
public static class Json
{
    /// <summary>Options for every request, answer, fact and stored document.</summary>
    public static JsonSerializerOptions Options { get; } = Configure(new JsonSerializerOptions(JsonSerializerDefaults.Web));

    /// <summary>Puts a service's source-generated metadata before reflection. To be called before the first use.</summary>
    public static void Use(JsonSerializerContext context) => Options.TypeInfoResolverChain.Insert(0, context);

    /// <summary>Makes minimal APIs read bodies in the same dialect.</summary>
    public static void CopyTo(JsonSerializerOptions options)
    {
        Configure(options);
        options.TypeInfoResolverChain.Clear();
        foreach (var resolver in Options.TypeInfoResolverChain)
        {
            options.TypeInfoResolverChain.Add(resolver);
        }
    }

    private static JsonSerializerOptions Configure(JsonSerializerOptions options)
    {
        options.NumberHandling = JsonNumberHandling.Strict;
        options.AllowDuplicateProperties = false;
        options.Encoder = JavaScriptEncoder.Create(UnicodeRanges.All);
        options.Converters.Add(new CleanTextConverter());
        options.Converters.Add(new InstantConverter());
        options.TypeInfoResolverChain.Add(new DefaultJsonTypeInfoResolver());
        return options;
    }

    /// <summary>PostgreSQL's text holds neither NUL nor lone surrogates; such input is refused here, once for every field.</summary>
    private sealed class CleanTextConverter : JsonConverter<string>
    {
        public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String)
            {
                throw new JsonException("A text is expected.");
            }

            return Clean(ref reader);
        }

        public override string ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Clean(ref reader);

        public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);

        public override void WriteAsPropertyName(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WritePropertyName(value);

        private static string Clean(ref Utf8JsonReader reader)
        {
            string text;
            try
            {
                text = reader.GetString()!;
            }
            catch (InvalidOperationException)
            {
                throw new JsonException("The text is not valid Unicode.");
            }

            return text.Contains('\0', StringComparison.Ordinal) ? throw new JsonException("The text holds a NUL character.") : text;
        }
    }

    private sealed class InstantConverter : JsonConverter<DateTime>
    {
        public override DateTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTime(out var instant) || instant.Kind == DateTimeKind.Unspecified)
            {
                throw new JsonException("An ISO 8601 instant with its offset is expected, such as 2026-11-22T10:00:00Z.");
            }

            var utc = instant.ToUniversalTime();
            return utc.Year is < 1900 or > 2200 ? throw new JsonException("The instant lies outside 1900–2200.") : utc;
        }

        public override void Write(Utf8JsonWriter writer, DateTime value, JsonSerializerOptions options)
        {
            var utc = DateTime.SpecifyKind(value, DateTimeKind.Utc);
            writer.WriteStringValue(utc.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture));
        }
    }
}
