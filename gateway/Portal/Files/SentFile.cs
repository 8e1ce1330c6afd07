using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Marketplace.Portal.Files;

/// <summary>A file as the browser sends it, not read yet, and the fields that came before it.</summary>
/// <param name="Fields">By name.</param>
/// <param name="MediaType">What the browser takes it for.</param>
/// <param name="Content">To be read once; null when none was chosen.</param>
/// <param name="Length">In bytes, where it is known.</param>
public sealed record SentFile(IReadOnlyDictionary<string, string> Fields, string? MediaType, Stream? Content, long? Length)
{
    private const int MostFields = 10;
    private const int MostCharacters = 4_000;

    /// <summary>Reads a form up to its file, which is the last field; null when it is no form of ours.</summary>
    public static async Task<SentFile?> ReadFormAsync(HttpContext context)
    {
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) || type.MediaType != "multipart/form-data" || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return null;
        }

        var reader = new MultipartReader(boundary.ToString(), context.Request.Body) { HeadersLengthLimit = 8 << 10 };
        var fields = new Dictionary<string, string>();
        try
        {
            while (fields.Count <= MostFields && await reader.ReadNextSectionAsync(context.RequestAborted) is { } section)
            {
                var disposition = section.GetContentDispositionHeader();
                if (disposition?.IsFileDisposition() == true)
                {
                    var isChosen = !Microsoft.Extensions.Primitives.StringSegment.IsNullOrEmpty(disposition.FileName) && disposition.FileName != "\"\"";
                    return new SentFile(fields, section.ContentType, isChosen ? section.Body : null, null);
                }

                if (disposition?.IsFormDisposition() != true || await FieldAsync(section.Body, context.RequestAborted) is not { } value)
                {
                    return null;
                }

                fields[HeaderUtilities.RemoveQuotes(disposition.Name).ToString()] = value;
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            return null;
        }

        return new SentFile(fields, null, null, null);
    }

    private static async Task<string?> FieldAsync(Stream body, CancellationToken ct)
    {
        using var text = new StreamReader(body, Encoding.UTF8);
        var characters = new char[MostCharacters + 1];
        var length = await text.ReadBlockAsync(characters, ct);
        return length > MostCharacters ? null : new string(characters, 0, length);
    }
}
