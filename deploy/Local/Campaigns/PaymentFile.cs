using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Marketplace.Local.Campaigns;

/// <summary>What a bank takes from a file of credit transfers (ISO 20022 pain.001.001.09).</summary>
/// <param name="DebtorIban">The account that it pays from.</param>
/// <param name="Transfers">End-to-end id, creditor's account, cents.</param>
public sealed record PaymentFile(string DebtorIban, IReadOnlyList<(string EndToEndId, string Iban, long AmountCents)> Transfers)
{
    private static readonly XNamespace Pain = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

    /// <summary>Reads a file.</summary>
    /// <exception cref="RefusedException">A bank could not read it, or its sums are not those of its transfers.</exception>
    public static PaymentFile Read(ReadOnlyMemory<byte> file)
    {
        try
        {
            var initiation = XDocument.Load(new MemoryStream(file.ToArray())).Root!.Element(Pain + "CstmrCdtTrfInitn")!;
            var header = initiation.Element(Pain + "GrpHdr")!;
            var transfers = initiation.Descendants(Pain + "CdtTrfTxInf").Select(Transfer).ToList();
            if (Cents(header.Element(Pain + "CtrlSum")!.Value) != transfers.Sum(transfer => transfer.AmountCents)
                || header.Element(Pain + "NbOfTxs")!.Value != transfers.Count.ToString(CultureInfo.InvariantCulture))
            {
                throw new RefusedException("The control sums of the payment file are not those of its transfers.");
            }

            return new PaymentFile(initiation.Descendants(Pain + "DbtrAcct").First().Descendants(Pain + "IBAN").Single().Value, transfers);
        }
        catch (Exception e) when (e is XmlException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new RefusedException($"The payment file is none that a bank can read: {e.Message}");
        }
    }

    private static (string EndToEndId, string Iban, long AmountCents) Transfer(XElement transfer)
    {
        var amount = transfer.Element(Pain + "Amt")!.Element(Pain + "InstdAmt")!;
        return amount.Attribute("Ccy")!.Value == "EUR"
            ? (transfer.Descendants(Pain + "EndToEndId").Single().Value, transfer.Element(Pain + "CdtrAcct")!.Descendants(Pain + "IBAN").Single().Value, Cents(amount.Value))
            : throw new FormatException("An amount is not in euros.");
    }

    /// <summary>Cents of an amount with up to two decimals.</summary>
    private static long Cents(string text) => decimal.ToInt64(decimal.Parse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture) * 100);
}
