using System.Buffers;
using System.IO.Pipelines;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>
/// Reads bank statements as a stream (DOMAIN §6): ISO 20022 camt.053.001.08 and .02, and CSV. Pure: it only reads what it
/// is given, and remembers per movement no more than hashes.
/// </summary>
public static class StatementReader
{
    /// <summary>The most that is looked at to tell the format, in bytes.</summary>
    private const int MostPeeked = 4096;

    private static readonly string[] XmlTypes = ["application/xml", "text/xml"];
    private static readonly string[] CsvTypes = ["text/csv", "application/csv"];
    private static readonly string[] SilentTypes = ["application/octet-stream"];

    /// <summary>Begins to read a file: looks at its first bytes, which tell the format, and at the type it was sent with.</summary>
    /// <param name="content">The file; read once, forwards, never disposed of.</param>
    /// <param name="contentType">The declared media type; null or application/octet-stream when the sender does not say.</param>
    /// <param name="ct">Cancels the reading.</param>
    /// <exception cref="StatementFaultException">The file is empty, or is not of the declared type.</exception>
    public static async Task<StatementReading> OpenAsync(Stream content, string? contentType, CancellationToken ct)
    {
        var pipe = PipeReader.Create(content, new StreamPipeReaderOptions(leaveOpen: true));
        var peeked = await pipe.ReadAtLeastAsync(MostPeeked, ct);
        var start = peeked.Buffer.Slice(0, Math.Min(MostPeeked, peeked.Buffer.Length)).ToArray();
        pipe.AdvanceTo(peeked.Buffer.Start);

        var isXml = StartsWithTag(start);
        Check(contentType, isXml);
        return new StatementReading(pipe.AsStream(), isXml ? null : Separator(start));
    }

    private static bool StartsWithTag(ReadOnlySpan<byte> start)
    {
        ReadOnlySpan<byte> skipped = [0xEF, 0xBB, 0xBF, 0xFF, 0xFE, 0, (byte)' ', (byte)'\t', (byte)'\r', (byte)'\n'];
        var first = start.IndexOfAnyExcept(skipped);
        return first < 0 ? throw new StatementFaultException(1, "The file is empty.") : start[first] == '<';
    }

    /// <summary>A header has only column names and separators, so the first of these tells.</summary>
    private static char Separator(ReadOnlySpan<byte> start)
    {
        if (start[0] is 0 or 0xFE or 0xFF)
        {
            throw new StatementFaultException(1, "The bytes are not UTF-8.");
        }

        var found = start.IndexOfAny((byte)',', (byte)';');
        return found >= 0 && start[found] == ';' ? ';' : ',';
    }

    private static void Check(string? contentType, bool isXml)
    {
        var type = contentType?.Split(';', 2)[0].Trim().ToLowerInvariant() ?? "";
        if (type.Length > 0 && !SilentTypes.Contains(type) && !(isXml ? XmlTypes : CsvTypes).Contains(type))
        {
            throw new StatementFaultException(1, $"The content is {(isXml ? "XML" : "not XML, so CSV is expected")}, but it was sent as '{FieldText.Short(type)}'.");
        }
    }
}
