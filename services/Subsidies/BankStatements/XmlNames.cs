using System.Xml;

namespace Marketplace.Subsidies.BankStatements;

/// <summary>The parser keeps every name it ever saw; a statement has a few hundred, so a file of ever new ones is refused.</summary>
/// <param name="line">Where the parser is.</param>
internal sealed class XmlNames(Func<int> line) : NameTable
{
    private const int Most = 5_000;
    private int added;

    public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? Counted(base.Add(key, start, len));

    public override string Add(string key) => Get(key) ?? Counted(base.Add(key));

    private string Counted(string name) =>
        ++added <= Most ? name : throw new StatementFaultException(line(), $"More than {Most} different names are used.");
}
