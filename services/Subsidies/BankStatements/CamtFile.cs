using System.Runtime.CompilerServices;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>Document/BkToCstmrStmt: a group header and the statements of one account.</summary>
internal static class CamtFile
{
    private const string Prefix = "urn:iso:std:iso:20022:tech:xsd:";
    private const int MostStatements = 10_000;

    private static readonly string[] Namespaces = [Prefix + "camt.053.001.08", Prefix + "camt.053.001.02"];

    public static async IAsyncEnumerable<Movement> ReadAsync(Stream content, FileFacts found, [EnumeratorCancellation] CancellationToken ct)
    {
        using var xml = new XmlCursor(content, Namespaces, ct);
        await xml.RootAsync();
        found.Format = xml.Namespace![Prefix.Length..];
        if (xml.Name != "Document")
        {
            throw xml.Fault($"The root element is {FieldText.Short(xml.Name)}, where Document is expected.");
        }

        var ids = new CamtIds();
        await foreach (var name in xml.ChildrenAsync())
        {
            if (name != "BkToCstmrStmt")
            {
                throw xml.Unknown(name, "Document");
            }

            await foreach (var movement in StatementsAsync(xml, ids, found))
            {
                yield return movement;
            }
        }

        if (found.StatementIds.Count == 0)
        {
            throw xml.Fault("The file holds no statement (Stmt).");
        }

        await xml.EndAsync();
    }

    private static async IAsyncEnumerable<Movement> StatementsAsync(XmlCursor xml, CamtIds ids, FileFacts found)
    {
        var hasHeader = false;
        await foreach (var name in xml.ChildrenAsync())
        {
            switch (name)
            {
                case "GrpHdr":
                    if (hasHeader)
                    {
                        throw xml.Fault("GrpHdr is given twice.");
                    }

                    hasHeader = true;
                    break;
                case "SplmtryData":
                    break;
                case "Stmt":
                    var statement = new CamtStatement(xml, ids, found);
                    await foreach (var movement in statement.ReadAsync())
                    {
                        yield return movement;
                    }

                    found.StatementIds.Add(statement.Id);
                    if (found.StatementIds.Count > MostStatements)
                    {
                        throw xml.Fault($"The file holds more than {MostStatements} statements.");
                    }

                    break;
                default:
                    throw xml.Unknown(name, "BkToCstmrStmt");
            }
        }
    }
}

/// <summary>
/// The ids of one file that must not come twice, as 128 bits of SHA-256 each: bounded memory however long they are, and
/// no two different ones are ever taken for the same by chance.
/// </summary>
internal sealed class CamtIds
{
    private readonly HashSet<UInt128> seen = [];

    public void Once(int line, string field, string id)
    {
        if (!seen.Add(Twins.Hash(field + '\u001f' + id)))
        {
            throw new StatementFaultException(line, $"{field} '{FieldText.Short(id)}' is given twice in the file.");
        }
    }
}
