using System.Net;
using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>An answer of the API.</summary>
/// <param name="Call">Method and path, for messages.</param>
/// <param name="Body">The JSON; undefined when there is none.</param>
public sealed record ApiAnswer(string Call, HttpStatusCode Status, JsonElement Body)
{
    /// <summary>The bytes as they came, for what is no JSON.</summary>
    public ReadOnlyMemory<byte> Content { get; init; }

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    /// <summary>The slug of a problem.</summary>
    public string? Problem => Text("type")?.Split(':')[^1];

    /// <summary>A text of the body, if it is there.</summary>
    public string? Text(string field) =>
        Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    /// <summary>What was refused, and why, in one line.</summary>
    public string Sentence
    {
        get
        {
            var errors = Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("errors", out var fields) ? " " + fields.GetRawText() : "";
            return $"{Call} was answered {(int)Status} {Problem}: {Text("detail") ?? Text("title")}{errors}";
        }
    }

    /// <summary>Itself when it is a success.</summary>
    /// <exception cref="RefusedException">It is not.</exception>
    public ApiAnswer OrThrow() => IsSuccess ? this : throw new RefusedException(Sentence);
}

/// <summary>The marketplace refused what the campaign cannot go on without.</summary>
public sealed class RefusedException(string message) : Exception(message);
