using System.Text;
using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Broken and hostile XML: refused with the line and the reason.</summary>
public sealed class BadXml
{
    private static readonly string Good = Camt.Document(Camt.Entry("10.00", details: Camt.Transaction("10.00", "É-1", Camt.Iban), reference: "R-1"));

    [Theory]
    [InlineData("utf-8", false)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    public async Task utf_8_and_utf_16_are_read(string encoding, bool hasMark)
    {
        var bytes = Encoded(Good.Replace("UTF-8", encoding[..5] == "utf-1" ? "UTF-16" : "utf-8", StringComparison.Ordinal), Encoding.GetEncoding(encoding), hasMark);
        Assert.Equal("É-1", Assert.Single((await Reading.OfAsync(bytes)).Movements).EndToEndId);
    }

    [Theory]
    [InlineData("UTF-8", "iso-8859-1", 13, "encoding")]
    [InlineData("UTF-8", "utf-16", 2, "")]
    [InlineData("UTF-16", "utf-8", 1, "")]
    [InlineData("ISO-8859-1", "iso-8859-1", 1, "ISO-8859-1")]
    [InlineData("windows-1252", "iso-8859-1", 1, "")]
    [InlineData("UTF-32", "utf-32", 1, "")]
    public Task bytes_that_are_not_in_the_declared_encoding_or_in_another_one_are_refused(string declared, string actual, int line, string reason) =>
        Reading.RefusedAsync(Encoded(Good.Replace("\"UTF-8\"", $"\"{declared}\"", StringComparison.Ordinal), Encoding.GetEncoding(actual), actual != "iso-8859-1"), line, reason);

    [Fact]
    public async Task a_file_cut_anywhere_is_refused()
    {
        var bytes = Encoding.UTF8.GetBytes(Good);
        for (var length = 0; length < bytes.Length; length += 7)
        {
            var fault = await Assert.ThrowsAsync<StatementFaultException>(() => Reading.OfAsync(bytes[..length]));
            Assert.InRange(fault.Line, 1, Good.Count(c => c == '\n') + 1);
        }
    }

    [Fact]
    public Task a_cut_file_is_refused_on_the_line_where_it_ends() =>
        Reading.RefusedAsync(Good[..Good.IndexOf("<AcctSvcrRef>", StringComparison.Ordinal)], 10, "XML is broken");

    [Fact]
    public Task anything_after_the_document_is_refused() => Reading.RefusedAsync(Good + "\n<more/>", 20, "XML is broken");

    [Theory]
    [InlineData("<!DOCTYPE Document SYSTEM \"http://example.org/x.dtd\">")]
    [InlineData("<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\">]>")]
    [InlineData("<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")]
    public Task a_document_type_definition_is_refused(string definition) =>
        Reading.RefusedAsync(Good.Replace("<Document ", definition + "<Document ", StringComparison.Ordinal).Replace("É-1", "&c;", StringComparison.Ordinal), 2, "DTD");

    [Fact]
    public Task an_entity_is_refused() => Reading.RefusedAsync(Good.Replace("É-1", "&lol;", StringComparison.Ordinal), 13, "lol");

    [Fact]
    public async Task the_five_entities_of_xml_and_characters_by_number_are_read() =>
        Assert.Equal("<A&B>", Assert.Single((await Reading.OfAsync(Good.Replace("É-1", "&lt;A&amp;&#66;&gt;", StringComparison.Ordinal))).Movements).EndToEndId);

    [Theory]
    [InlineData(10_000)]
    [InlineData(1_000_000)]
    public async Task deep_nesting_is_refused(int levels)
    {
        var deep = string.Concat(Enumerable.Repeat("<a>", levels));
        await Reading.RefusedAsync(Good.Replace("<Refs>", $"\n{deep}", StringComparison.Ordinal), 14, "64 levels");
        await Reading.RefusedAsync(Good.Replace("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "", StringComparison.Ordinal).Replace("<BkToCstmrStmt>", deep, StringComparison.Ordinal), 2, "a is not an element of Document");
    }

    [Theory]
    [InlineData("urn:iso:std:iso:20022:tech:xsd:camt.053.001.09")]
    [InlineData("urn:iso:std:iso:20022:tech:xsd:camt.052.001.08")]
    [InlineData("urn:iso:std:iso:20022:tech:xsd:pain.001.001.09")]
    [InlineData("")]
    public Task another_document_is_refused(string space) =>
        Reading.RefusedAsync(Good.Replace("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", space, StringComparison.Ordinal), 2, "camt.053.001.08", "camt.053.001.02");

    [Theory]
    [InlineData("<Refs>", "<x:Refs xmlns:x=\"urn:evil\"/><Refs>", 13, "urn:evil")]
    [InlineData("<Refs>", "<Refs xmlns:x=\"urn:evil\">", 13, "urn:evil")]
    [InlineData("<Refs>", "<Refs xmlns=\"\">", 13, "foreign namespace")]
    [InlineData("<Stmt>", "<Stmt xmlns:x=\"urn:evil\" x:a=\"1\">", 4, "urn:evil")]
    [InlineData("<Stmt>", "<Stmt xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:nil=\"true\">", 4, "i:nil")]
    [InlineData("</Stmt>", "</Stmt><SplmtryData><Envlp><b xmlns=\"urn:bank\"/></Envlp></SplmtryData>", 18, "urn:bank")]
    [InlineData("<Document ", "<Document xmlns:x=\"urn:evil\" ", 2, "urn:evil")]
    public Task a_foreign_namespace_is_refused(string where, string foreign, int line, string reason) =>
        Reading.RefusedAsync(Good.Replace(where, foreign, StringComparison.Ordinal), line, reason);

    [Fact]
    public async Task a_prefix_for_the_same_namespace_and_a_schema_location_are_accepted()
    {
        var prefixed = Good.Replace("xmlns=", "xmlns:i=\"http://www.w3.org/2001/XMLSchema-instance\" i:schemaLocation=\"urn:x x.xsd\" xmlns:c=", StringComparison.Ordinal)
            .Replace("</", "</c:", StringComparison.Ordinal).Replace("<c:", "<c:", StringComparison.Ordinal);
        prefixed = System.Text.RegularExpressions.Regex.Replace(prefixed, "<([A-Z])", "<c:$1");
        Assert.Single((await Reading.OfAsync(prefixed)).Movements);
    }

    [Theory]
    [InlineData("<Id>STMT-1</Id>", "", 4, "Stmt/Id is missing")]
    [InlineData("<Id>STMT-1</Id>", "<Id> </Id>", 5, "Stmt/Id is empty")]
    [InlineData("<Stmt>", "<Stmt><Foo/>", 4, "Foo is not an element of Stmt")]
    [InlineData("<Stmt>", "<Stmt>words", 4, "Stmt holds text")]
    [InlineData("10.00</Amt><Cdt", "10<x/>.00</Amt><Cdt", 7, "Amt holds the element x")]
    [InlineData("<BookgDt><Dt>2026-12-01</Dt></BookgDt>", "", 7, "BookgDt is missing")]
    [InlineData("<CdtDbtInd>DBIT</CdtDbtInd>", "", 7, "CdtDbtInd is missing")]
    [InlineData("<CdtDbtInd>DBIT<", "<CdtDbtInd>BOTH<", 7, "'BOTH'")]
    [InlineData("<Document ", "<Dokument ", 2, "")]
    [InlineData("É-1", "\u0001", 13, "")]
    [InlineData("É-1", "&#0;", 13, "")]
    public Task what_the_schema_does_not_have_is_refused(string right, string wrong, int line, string reason) =>
        Reading.RefusedAsync(Good.Replace(right, wrong, StringComparison.Ordinal), line, reason);

    [Fact]
    public Task a_file_without_statements_is_refused() =>
        Reading.RefusedAsync("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr/></BkToCstmrStmt></Document>", 1, "no statement");

    [Fact]
    public async Task nothing_large_enters_memory_at_once()
    {
        var large = new string('x', 4 << 20);
        await Reading.RefusedAsync(Good.Replace("<Refs>", $"<Refs a=\"{large}\">", StringComparison.Ordinal), 13, "1048576");
        await Reading.RefusedAsync(Good.Replace("<Refs>", $"<{large}/>", StringComparison.Ordinal), 13, "1048576");
        await Reading.RefusedAsync(Good.Replace("<Refs>", $"<!--{large}--><Refs>", StringComparison.Ordinal), 12, "1048576");
        await Reading.RefusedAsync(Good.Replace("É-1", large, StringComparison.Ordinal), 13, "EndToEndId", "10000");
        await Reading.RefusedAsync(Good.Replace("<Refs>", string.Concat(Enumerable.Range(0, 6_000).Select(i => $"<n{i}/>")) + "<Refs>", StringComparison.Ordinal), 13, "5000");
    }

    private static byte[] Encoded(string text, Encoding encoding, bool hasMark) => [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];
}
