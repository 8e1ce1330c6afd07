using System.Text;
using System.Xml;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>
/// Walks a hostile XML stream element by element: no DTD, no entities, no foreign namespace, few levels, few names, and no
/// single piece larger than memory allows. Iterative, so that no depth of nesting can overflow the stack.
/// </summary>
internal sealed class XmlCursor : IDisposable
{
    private const int MostText = 10_000;

    private readonly XmlReader xml;
    private readonly char[] chunk = new char[1024];
    private readonly string[] namespaces;
    private readonly XmlBytes bytes;

    /// <param name="content">The file.</param>
    /// <param name="namespaces">Those the root element may be in.</param>
    /// <param name="ct">Cancels the reading.</param>
    public XmlCursor(Stream content, string[] namespaces, CancellationToken ct)
    {
        this.namespaces = namespaces;
        bytes = new XmlBytes(() => Line);
        xml = XmlReader.Create(new InspectedStream(content, bytes.Inspect, ct), new XmlReaderSettings
        {
            Async = true,
            DtdProcessing = DtdProcessing.Prohibit,
            XmlResolver = null,
            MaxCharactersFromEntities = 1,
            IgnoreComments = true,
            IgnoreProcessingInstructions = true,
            IgnoreWhitespace = true,
            NameTable = new XmlNames(() => Line),
        });
    }

    /// <summary>The namespace of the root element, which every element must be in; null before it.</summary>
    public string? Namespace { get; private set; }

    public int Line => Math.Max(1, ((IXmlLineInfo)xml).LineNumber);

    public string Name => xml.LocalName;

    public string? Attribute(string name) => xml.GetAttribute(name);

    public StatementFaultException Fault(string reason) => new(Line, reason);

    public StatementFaultException Unknown(string name, string parent) => Fault($"{FieldText.Short(name)} is not an element of {parent}.");

    /// <summary>Moves to the next node; false at the end of the file.</summary>
    public async ValueTask<bool> NextAsync()
    {
        try
        {
            if (!await xml.ReadAsync())
            {
                return false;
            }
        }
        catch (XmlException e)
        {
            throw Explained(e);
        }

        bytes.ReachNode(Namespace is null);
        if (xml.NodeType == XmlNodeType.XmlDeclaration)
        {
            XmlRules.CheckEncoding(xml, Line);
        }
        else if (xml.NodeType == XmlNodeType.Element)
        {
            Namespace ??= XmlRules.Known(xml, namespaces, Line);
            XmlRules.CheckElement(xml, Namespace, Line);
        }

        return true;
    }

    /// <summary>Moves to the root element.</summary>
    public async Task RootAsync()
    {
        while (await NextAsync())
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                return;
            }
        }
    }

    /// <summary>Reads on to the end of the file, where nothing more may come.</summary>
    public async Task EndAsync()
    {
        while (await NextAsync())
        {
        }
    }

    /// <summary>The elements inside the current one, the cursor standing on each in turn; what the caller does not read is skipped.</summary>
    public async IAsyncEnumerable<string> ChildrenAsync()
    {
        var (depth, name) = (xml.Depth, xml.LocalName);
        if (xml.IsEmptyElement)
        {
            yield break;
        }

        while (await NextAsync())
        {
            if (xml.NodeType == XmlNodeType.Element && xml.Depth == depth + 1)
            {
                yield return xml.LocalName;
            }
            else if (xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth)
            {
                yield break;
            }
            else if (xml.NodeType is XmlNodeType.Text or XmlNodeType.CDATA && xml.Depth == depth + 1)
            {
                throw Fault($"{name} holds text where elements are expected.");
            }
        }
    }

    /// <summary>The text of the current element, without blanks around it; it must not hold elements.</summary>
    public async ValueTask<string> TextAsync()
    {
        if (xml.IsEmptyElement)
        {
            return "";
        }

        var (depth, name) = (xml.Depth, xml.LocalName);
        var text = new StringBuilder();
        while (await NextAsync() && !(xml.NodeType == XmlNodeType.EndElement && xml.Depth == depth))
        {
            if (xml.NodeType == XmlNodeType.Element)
            {
                throw Fault($"{name} holds the element {FieldText.Short(xml.LocalName)} where text is expected.");
            }

            await AppendAsync(text, name);
        }

        return text.ToString().Trim();
    }

    public void Dispose() => xml.Dispose();

    private async ValueTask AppendAsync(StringBuilder text, string name)
    {
        try
        {
            for (int count; (count = await xml.ReadValueChunkAsync(chunk, 0, chunk.Length)) > 0; bytes.ReachNode(Namespace is null))
            {
                if (text.Append(chunk, 0, count).Length > MostText)
                {
                    throw Fault($"{name} is longer than {MostText} characters.");
                }
            }
        }
        catch (XmlException e)
        {
            throw Explained(e);
        }
    }

    private StatementFaultException Explained(XmlException e) => e.Message.Contains("DTD", StringComparison.Ordinal)
        ? new StatementFaultException(Math.Max(Line, bytes.DoctypeLine), "A document type definition (DTD) is not accepted.")
        : new StatementFaultException(e.LineNumber > 0 ? e.LineNumber : Line, $"The XML is broken: {XmlRules.Plain(e.Message)}");
}
