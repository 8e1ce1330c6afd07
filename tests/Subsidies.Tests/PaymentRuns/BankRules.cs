using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using System.Xml;
using System.Xml.Linq;
using System.Xml.Schema;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>
/// What a bank checks in a payment file before it takes it: the schema (ours, written from the message definition and
/// the EPC's implementation guidelines), and what a schema cannot say. Shares no code with the writer.
/// </summary>
internal static partial class BankRules
{
    private static readonly XNamespace Pain = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

    /// <summary>Every rule that the file breaks.</summary>
    public static IReadOnlyList<string> Broken(byte[] file)
    {
        var broken = new List<string>();
        var schemas = new XmlSchemaSet();
        schemas.Add(Pain.NamespaceName, Path.Combine(AppContext.BaseDirectory, "PaymentRuns", "pain.001.001.09.xsd"));
        var settings = new XmlReaderSettings { ValidationType = ValidationType.Schema, Schemas = schemas, ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings };
        settings.ValidationEventHandler += (_, e) => broken.Add($"line {e.Exception.LineNumber}: {e.Message}");
        using var reader = XmlReader.Create(new MemoryStream(file), settings);
        var document = XDocument.Load(reader);
        if (broken.Count == 0)
        {
            broken.AddRange(Beyond(document).Where(rule => !rule.Holds).Select(rule => rule.Otherwise));
        }

        return broken;
    }

    /// <summary>True for a reference that ISO 11649 accepts.</summary>
    public static bool IsCreditorReference(string text) => Reference().IsMatch(text) && Remainder(text[4..] + text[..4]) == 1;

    private static IEnumerable<(bool Holds, string Otherwise)> Beyond(XDocument document)
    {
        var transfers = document.Descendants(Pain + "CdtTrfTxInf").ToList();
        var sum = transfers.Sum(t => decimal.Parse(t.Descendants(Pain + "InstdAmt").Single().Value, CultureInfo.InvariantCulture));
        foreach (var total in document.Descendants(Pain + "CtrlSum"))
        {
            yield return (decimal.Parse(total.Value, CultureInfo.InvariantCulture) == sum, $"the control sum {total.Value} is not {sum}");
        }

        foreach (var count in document.Descendants(Pain + "NbOfTxs"))
        {
            yield return (count.Value == $"{transfers.Count}", $"{count.Value} transfers are announced, {transfers.Count} are there");
        }

        foreach (var iban in document.Descendants(Pain + "IBAN").Select(i => i.Value))
        {
            yield return (Remainder(iban[4..] + iban[..4]) == 1, $"{iban} fails its check");
        }

        foreach (var reference in document.Descendants(Pain + "Ref").Select(r => r.Value))
        {
            yield return (IsCreditorReference(reference), $"{reference} fails its check");
        }

        foreach (var unique in new[] { "EndToEndId", "InstrId", "Ref" })
        {
            var ids = document.Descendants(Pain + unique).Select(e => e.Value).ToList();
            yield return (ids.Distinct().Count() == transfers.Count, $"{unique} is not unique");
        }
    }

    private static int Remainder(string text) =>
        (int)(BigInteger.Parse(string.Concat(text.Select(c => char.IsAsciiDigit(c) ? $"{c}" : $"{c - 'A' + 10}")), CultureInfo.InvariantCulture) % 97);

    [GeneratedRegex("^RF[0-9]{2}[A-Z0-9]{1,21}$")]
    private static partial Regex Reference();
}
