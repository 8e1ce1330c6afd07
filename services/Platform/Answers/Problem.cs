namespace Marketplace.Platform.Answers;

/// <summary>
/// An expected refusal, as RFC 9457 tells it: <c>type</c> is <c>urn:marketplace:problem:&lt;slug&gt;</c>, and the slug
/// names the rule that refused (API.md, Conventions).
/// </summary>
/// <param name="Status">HTTP status, 400–499 (503 for a neighbour that cannot be reached).</param>
/// <param name="Slug">Lower-case hyphenated name of the rule.</param>
/// <param name="Title">One short English sentence, the same for every occurrence.</param>
/// <param name="Detail">What happened this time.</param>
/// <param name="Errors">For <c>invalid-input</c>: messages by field path.</param>
/// <param name="More">Further members of the answer, such as <c>available</c>.</param>
public sealed record Problem(
    int Status,
    string Slug,
    string Title,
    string? Detail = null,
    IReadOnlyDictionary<string, string[]>? Errors = null,
    IReadOnlyDictionary<string, object?>? More = null)
{
    /// <summary>The media type of every problem.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>400: one field is not acceptable.</summary>
    public static Problem Invalid(string field, string message) =>
        Invalid(new Dictionary<string, string[]> { [field] = [message] });

    /// <summary>400: several fields are not acceptable.</summary>
    public static Problem Invalid(IReadOnlyDictionary<string, string[]> errors) =>
        new(400, "invalid-input", "The input is not valid.", string.Join(" ", errors.SelectMany(e => e.Value.Select(m => e.Key.Length == 0 ? m : $"{e.Key}: {m}"))), errors);

    /// <summary>404: no such object, or none that the caller may know of.</summary>
    public static Problem NotFound(string what) => new(404, "not-found", "There is no such object.", $"No {what} with this id is known to you.");

    /// <summary>403: signed in, but without the right.</summary>
    public static Problem Forbidden(string detail) => new(403, "forbidden", "You may not do this.", detail);

    /// <summary>409: a rule of the domain refuses.</summary>
    public static Problem Conflict(string slug, string title, string? detail = null, IReadOnlyDictionary<string, object?>? more = null) =>
        new(409, slug, title, detail, null, more);

    /// <summary>422: understood, but out of reach by a rule of the domain.</summary>
    public static Problem Unprocessable(string slug, string title, string? detail = null) => new(422, slug, title, detail);

    /// <summary>412: <c>If-Match</c> names a version that is no longer the current one.</summary>
    public static Problem Stale(long current) =>
        new(412, "stale-version", "The object has changed since you read it.", $"The current version is {current}.", null, new Dictionary<string, object?> { ["version"] = current });
}
