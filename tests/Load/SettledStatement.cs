using System.Globalization;
using System.Text;
using System.Xml;

namespace Marketplace.Load;

/// <summary>The bank: reads the transfers of a pain.001 and writes a camt.053.001.08 in which each was booked, one entry per transfer.</summary>
internal static class SettledStatement
{
    private const string Camt = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
    private const string Account = "FR1420041010050500013M02606";

    /// <returns>How many movements the statement has.</returns>
    public static int Write(string paymentFile, string statementFile, DateOnly day)
    {
        using var payments = XmlReader.Create(paymentFile);
        using var xml = XmlWriter.Create(statementFile, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true });
        xml.WriteStartElement("Document", Camt);
        xml.WriteStartElement("BkToCstmrStmt");
        xml.WriteRaw($"<GrpHdr><MsgId>RELEVE-1</MsgId><CreDtTm>{day:yyyy-MM-dd}T06:00:00Z</CreDtTm></GrpHdr>");
        xml.WriteStartElement("Stmt");
        xml.WriteRaw($"<Id>RELEVE-1</Id><CreDtTm>{day:yyyy-MM-dd}T06:00:00Z</CreDtTm><Acct><Id><IBAN>{Account}</IBAN></Id><Ccy>EUR</Ccy></Acct>");
        var count = 0;
        while (payments.ReadToFollowing("EndToEndId"))
        {
            var endToEndId = payments.ReadElementContentAsString();
            payments.ReadToFollowing("InstdAmt");
            var amount = payments.ReadElementContentAsString();
            payments.ReadToFollowing("IBAN");
            xml.WriteRaw(Entry(endToEndId, amount, payments.ReadElementContentAsString(), day, ++count));
        }

        xml.WriteEndDocument();
        return count;
    }

    private static string Entry(string endToEndId, string amount, string iban, DateOnly day, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        <Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{day:yyyy-MM-dd}</Dt></BookgDt><AcctSvcrRef>B{number:000000000}</AcctSvcrRef>
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
        <NtryDtls><TxDtls><Refs><EndToEndId>{endToEndId}</EndToEndId></Refs><RltdPties><CdtrAcct><Id><IBAN>{iban}</IBAN></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>

        """);
}
