namespace Marketplace.Subsidies.BankStatements;

/// <summary>Watches the bytes on their way to the XML parser, for what the parser does not limit or tell.</summary>
/// <param name="line">Where the parser is.</param>
internal sealed class XmlBytes(Func<int> line)
{
    /// <summary>The most bytes the parser may take without coming to the next node: one name, attribute, comment or blank stretch.</summary>
    private const int MostPerNode = 1 << 20;

    private int sinceNode;
    private int lines;
    private bool isProlog = true;

    /// <summary>Where a document type definition begins, which the parser refuses without saying so; 0 without one.</summary>
    public int DoctypeLine { get; private set; }

    /// <param name="isBeforeRoot">The root element has not come yet.</param>
    public void ReachNode(bool isBeforeRoot) => (sinceNode, isProlog) = (0, isBeforeRoot);

    public void Inspect(ReadOnlyMemory<byte> read)
    {
        if ((sinceNode += read.Length) > MostPerNode)
        {
            throw new StatementFaultException(line(), $"A single name, attribute, comment or blank stretch is longer than {MostPerNode} bytes.");
        }

        if (isProlog && DoctypeLine == 0)
        {
            FindDoctype(read.Span);
        }
    }

    private void FindDoctype(ReadOnlySpan<byte> prolog)
    {
        var found = prolog.IndexOf("<!DOCTYPE"u8);
        lines += (found < 0 ? prolog : prolog[..found]).Count((byte)'\n');
        DoctypeLine = found < 0 ? 0 : lines + 1;
    }
}
