using System.Globalization;
using System.Text;
using System.Xml;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>An approved run as the bank is told it.</summary>
/// <param name="Number">The run's number: message and payment information id.</param>
/// <param name="ApprovedAt">When it was approved (UTC): when the message counts as made.</param>
/// <param name="ExecutionDate">The day the bank is asked to execute it on.</param>
/// <param name="Debtor">The account that is paid from, as it was at the approval.</param>
/// <param name="TransferCount">How many transfers there are, at least one.</param>
/// <param name="TotalCents">What they add up to.</param>
/// <param name="Transfers">They themselves, in their order; read while they are written.</param>
public sealed record PaymentOrder(
    string Number, DateTime ApprovedAt, DateOnly ExecutionDate, Debtor Debtor, int TransferCount, long TotalCents, IAsyncEnumerable<Transfer> Transfers);

/// <summary>
/// Customer credit transfer initiation, ISO 20022 <c>pain.001.001.09</c>, within the rules of the SEPA credit transfer
/// scheme (EPC132-08). The same order gives the same bytes.
/// </summary>
public static class Pain001
{
    /// <summary>The message's XML namespace.</summary>
    public const string Namespace = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09";

    /// <summary>The longest name that the scheme carries.</summary>
    private const int LongestName = 70;

    private const int BufferSize = 1 << 16;

    /// <summary>Writes the document in UTF-8, without a byte order mark and in bounded memory.</summary>
    public static async Task WriteAsync(Stream stream, PaymentOrder order, CancellationToken ct)
    {
        using var buffer = new MemoryStream();
        using var xml = XmlWriter.Create(buffer, new XmlWriterSettings { Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), Indent = true, NewLineChars = "\n" });
        xml.WriteStartDocument();
        xml.WriteStartElement("Document", Namespace);
        xml.WriteStartElement("CstmrCdtTrfInitn");
        GroupHeader(xml, order);
        xml.WriteStartElement("PmtInf");
        PaymentInformation(xml, order);
        await foreach (var transfer in order.Transfers.WithCancellation(ct))
        {
            CreditTransfer(xml, transfer);
            if (buffer.Length > BufferSize)
            {
                await PassOnAsync();
            }
        }

        xml.WriteEndDocument();
        xml.Flush();
        await PassOnAsync();

        async Task PassOnAsync()
        {
            await stream.WriteAsync(buffer.GetBuffer().AsMemory(0, (int)buffer.Length), ct);
            buffer.SetLength(0);
        }
    }

    /// <summary>Cents as euros with two decimals.</summary>
    public static string Euros(long cents) => string.Create(CultureInfo.InvariantCulture, $"{cents / 100}.{cents % 100:00}");

    private static void GroupHeader(XmlWriter xml, PaymentOrder order)
    {
        xml.WriteStartElement("GrpHdr");
        xml.WriteElementString("MsgId", order.Number);
        xml.WriteElementString("CreDtTm", order.ApprovedAt.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        Totals(xml, order);
        xml.WriteStartElement("InitgPty");
        xml.WriteElementString("Nm", SepaText.From(order.Debtor.Name, LongestName));
        if (order.Debtor.Siret is { } siret)
        {
            Nested(xml, ["Id", "OrgId", "Othr"], () =>
            {
                xml.WriteElementString("Id", siret);
                Nested(xml, ["SchmeNm", "Cd"], () => xml.WriteString("SRET"));
            });
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void PaymentInformation(XmlWriter xml, PaymentOrder order)
    {
        xml.WriteElementString("PmtInfId", order.Number);
        xml.WriteElementString("PmtMtd", "TRF");
        xml.WriteElementString("BtchBookg", "true");
        Totals(xml, order);
        Nested(xml, ["PmtTpInf", "SvcLvl", "Cd"], () => xml.WriteString("SEPA"));
        Nested(xml, ["ReqdExctnDt", "Dt"], () => xml.WriteString(order.ExecutionDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)));
        Nested(xml, ["Dbtr", "Nm"], () => xml.WriteString(SepaText.From(order.Debtor.Name, LongestName)));
        Nested(xml, ["DbtrAcct", "Id", "IBAN"], () => xml.WriteString(order.Debtor.Iban));
        if (order.Debtor.Bic is { } bic)
        {
            Nested(xml, ["DbtrAgt", "FinInstnId", "BICFI"], () => xml.WriteString(bic));
        }
        else
        {
            Nested(xml, ["DbtrAgt", "FinInstnId", "Othr", "Id"], () => xml.WriteString(SepaText.NotProvided));
        }

        xml.WriteElementString("ChrgBr", "SLEV");
    }

    private static void CreditTransfer(XmlWriter xml, Transfer transfer)
    {
        xml.WriteStartElement("CdtTrfTxInf");
        Nested(xml, ["PmtId"], () =>
        {
            xml.WriteElementString("InstrId", transfer.EndToEndId);
            xml.WriteElementString("EndToEndId", transfer.EndToEndId);
        });
        Nested(xml, ["Amt", "InstdAmt"], () =>
        {
            xml.WriteAttributeString("Ccy", "EUR");
            xml.WriteString(Euros(transfer.AmountCents));
        });
        Nested(xml, ["Cdtr", "Nm"], () => xml.WriteString(SepaText.From(transfer.ProviderName, LongestName)));
        Nested(xml, ["CdtrAcct", "Id", "IBAN"], () => xml.WriteString(transfer.Iban));
        Nested(xml, ["RmtInf", "Strd", "CdtrRefInf"], () =>
        {
            Nested(xml, ["Tp"], () =>
            {
                Nested(xml, ["CdOrPrtry", "Cd"], () => xml.WriteString("SCOR"));
                xml.WriteElementString("Issr", "ISO");
            });
            xml.WriteElementString("Ref", CreditorReference.Of(transfer.EndToEndId));
        });
        xml.WriteEndElement();
    }

    private static void Totals(XmlWriter xml, PaymentOrder order)
    {
        xml.WriteElementString("NbOfTxs", order.TransferCount.ToString(CultureInfo.InvariantCulture));
        xml.WriteElementString("CtrlSum", Euros(order.TotalCents));
    }

    private static void Nested(XmlWriter xml, string[] names, Action content)
    {
        Array.ForEach(names, name => xml.WriteStartElement(name));
        content();
        Array.ForEach(names, _ => xml.WriteEndElement());
    }
}
