namespace Marketplace.Portal.Components;

/// <summary>Codes of départements as people type them.</summary>
public static class Codes
{
    /// <summary>The codes of a text such as <c>59, 62 2a</c>, each once; whether there are such départements, the API knows.</summary>
    public static string[] Parse(string? text) =>
        [.. (text ?? "").ToUpperInvariant().Split([',', ';', ' ', '\u00a0', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries).Distinct()];
}
