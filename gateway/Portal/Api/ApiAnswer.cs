using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Portal.Api;

/// <summary>A refusal as the API tells it (RFC 9457).</summary>
/// <param name="Type"><c>urn:marketplace:problem:&lt;slug&gt;</c>.</param>
/// <param name="Title">In English.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="Detail">In English.</param>
/// <param name="Errors">By field, for invalid input.</param>
public sealed record ApiProblem(string? Type, string? Title, int Status, string? Detail, Dictionary<string, string[]>? Errors)
{
    /// <summary>What names the rule.</summary>
    public string Slug => Type?.Split(':')[^1] ?? "unknown";

    /// <summary>What else the problem says, such as <c>available</c>.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? More { get; init; }
}

/// <summary>An answer of the API: a value, or a problem.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Value">What was asked for; null when it was refused.</param>
/// <param name="Problem">Why it was refused; null when it was not.</param>
public sealed record ApiAnswer<T>(int Status, T? Value, ApiProblem? Problem)
{
    /// <summary>True when it was not refused.</summary>
    public bool IsSuccess => Problem is null;
}

/// <summary>One page of a list of the API.</summary>
public sealed record ApiPage<T>(IReadOnlyList<T> Items, string? NextCursor);
