using System.Xml;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>What is refused of XML wherever it stands.</summary>
internal static class XmlRules
{
    private const int MostLevels = 64;
    private const string NamespaceDeclarations = "http://www.w3.org/2000/xmlns/";
    private const string SchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
    private const string SchemaDefinition = "http://www.w3.org/2001/XMLSchema";

    public static void CheckEncoding(XmlReader xml, int line)
    {
        if (xml.GetAttribute("encoding") is { } encoding && encoding.ToUpperInvariant() is not ("UTF-8" or "UTF-16"))
        {
            throw new StatementFaultException(line, $"The encoding '{FieldText.Short(encoding)}' is not accepted: UTF-8 and UTF-16 are.");
        }
    }

    /// <summary>The namespace of the root element, one of those known.</summary>
    public static string Known(XmlReader xml, string[] namespaces, int line) =>
        namespaces.FirstOrDefault(known => known == xml.NamespaceURI)
        ?? throw new StatementFaultException(line, $"The namespace '{FieldText.Short(xml.NamespaceURI, 80)}' of {FieldText.Short(xml.LocalName)} is not accepted: {string.Join(" and ", namespaces)} are.");

    /// <summary>
    /// Depth and namespaces of an element and its attributes. Banks declare the namespaces of XML Schema and give a
    /// schemaLocation, which nobody follows; nothing else foreign is accepted, not even declared.
    /// </summary>
    public static void CheckElement(XmlReader xml, string ownNamespace, int line)
    {
        if (xml.Depth >= MostLevels)
        {
            throw new StatementFaultException(line, $"Elements are nested deeper than {MostLevels} levels.");
        }

        if (xml.NamespaceURI != ownNamespace)
        {
            throw new StatementFaultException(line, $"The element {FieldText.Short(xml.LocalName)} is in the foreign namespace '{FieldText.Short(xml.NamespaceURI)}'.");
        }

        for (var more = xml.MoveToFirstAttribute(); more; more = xml.MoveToNextAttribute())
        {
            CheckAttribute(xml, ownNamespace, line);
        }

        xml.MoveToElement();
    }

    /// <summary>The parser's own words, without the position that it puts at the end.</summary>
    public static string Plain(string message)
    {
        var position = message.LastIndexOf(" Line ", StringComparison.Ordinal);
        return position < 0 ? message : message[..position];
    }

    private static void CheckAttribute(XmlReader xml, string ownNamespace, int line)
    {
        var space = xml.NamespaceURI;
        if (space == NamespaceDeclarations && xml.Value != ownNamespace && xml.Value is not (SchemaInstance or SchemaDefinition))
        {
            throw new StatementFaultException(line, $"The foreign namespace '{FieldText.Short(xml.Value)}' is declared.");
        }

        if (space is not ("" or NamespaceDeclarations) && !(space == SchemaInstance && xml.LocalName == "schemaLocation"))
        {
            throw new StatementFaultException(line, $"The attribute {FieldText.Short(xml.Name)} is in the foreign namespace '{FieldText.Short(space)}'.");
        }
    }
}
