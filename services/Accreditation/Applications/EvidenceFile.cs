using System.Globalization;
using System.Net.Http.Headers;
using Marketplace.Platform.Answers;

namespace Marketplace.Accreditation.Applications;

/// <summary>What a document of evidence may be (API.md, Accreditation).</summary>
public static class EvidenceFile
{
    /// <summary>10 MiB.</summary>
    public const int MaxBytes = 10 << 20;

    private static readonly Dictionary<string, (byte[] Start, string Extension)> Formats = new(StringComparer.OrdinalIgnoreCase)
    {
        ["application/pdf"] = ([.. "%PDF-"u8], "pdf"),
        ["image/png"] = ([0x89, .. "PNG\r\n"u8, 0x1A, 0x0A], "png"),
        ["image/jpeg"] = ([0xFF, 0xD8, 0xFF], "jpg"),
    };

    /// <summary>The accepted media type that a <c>Content-Type</c> header declares; null for any other.</summary>
    public static string? MediaTypeOf(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var header) && header.MediaType is { } type && Formats.ContainsKey(type) ? type.ToLowerInvariant() : null;

    /// <summary>The file name extension of an accepted media type.</summary>
    public static string ExtensionOf(string mediaType) => Formats[mediaType].Extension;

    /// <summary>413 when over 10 MiB, 400 when empty or when its first bytes are not those of the declared type; null when accepted.</summary>
    public static Problem? Refuses(string mediaType, ReadOnlySpan<byte> content) => content switch
    {
        { Length: 0 } => Problem.Invalid("", "The document is empty."),
        { Length: > MaxBytes } => new Problem(413, "too-large", "The body is too large.", "A document has at most 10 MiB."),
        _ when !content.StartsWith(Formats[mediaType].Start) => Problem.Invalid("", $"The content is not {mediaType}."),
        _ => null,
    };

    /// <summary>Reads <c>?expiresOn=</c>: absent, or a date from <paramref name="today"/> to the year 2200; else 400.</summary>
    public static (DateOnly? Date, Problem? Refusal) ExpiryOf(string? expiresOn, DateOnly today)
    {
        if (string.IsNullOrEmpty(expiresOn))
        {
            return (null, null);
        }

        if (!DateOnly.TryParseExact(expiresOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) || date.Year > 2200)
        {
            return (null, Problem.Invalid("expiresOn", "A date as YYYY-MM-DD is expected, up to the year 2200."));
        }

        return date < today ? (null, Problem.Invalid("expiresOn", "The document has expired.")) : (date, null);
    }
}
