using System.Globalization;
using System.Text;
using System.Xml;

namespace Marketplace.Local.Campaigns;

/// <summary>The bank's part: an account statement as ISO 20022 camt.053.001.08.</summary>
public static class WriteStatement
{
    private const string Camt = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
    private const long OpeningCents = 500_000_000;

    /// <summary>The file.</summary>
    /// <param name="account">IBAN of the account.</param>
    /// <param name="lines">What was booked, in order.</param>
    /// <param name="day">When it was booked.</param>
    /// <param name="createdAt">When the bank wrote the file.</param>
    public static byte[] Of(string account, IReadOnlyList<StatementLine> lines, DateOnly day, DateTimeOffset createdAt)
    {
        using var file = new MemoryStream();
        using (var xml = XmlWriter.Create(file, new XmlWriterSettings { Encoding = new UTF8Encoding(false), Indent = true }))
        {
            var created = createdAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            var id = $"RELEVE-{day.ToString("yyyyMMdd", CultureInfo.InvariantCulture)}";
            xml.WriteStartElement("Document", Camt);
            Inside(xml, "BkToCstmrStmt", () =>
            {
                Inside(xml, "GrpHdr", () => Texts(xml, ("MsgId", id), ("CreDtTm", created)));
                Inside(xml, "Stmt", () =>
                {
                    Texts(xml, ("Id", id), ("CreDtTm", created));
                    Inside(xml, "Acct", () =>
                    {
                        Inside(xml, "Id", () => Texts(xml, ("IBAN", account)));
                        Texts(xml, ("Ccy", "EUR"));
                    });
                    Balance(xml, "OPBD", OpeningCents, day);
                    Balance(xml, "CLBD", OpeningCents - lines.Sum(line => line.ReturnReason is null ? line.AmountCents : -line.AmountCents), day);
                    foreach (var (line, n) in lines.Select((line, n) => (line, n + 1)))
                    {
                        Entry(xml, line, string.Create(CultureInfo.InvariantCulture, $"{id}-{n:000}"), day);
                    }
                });
            });
            xml.WriteEndElement();
        }

        return file.ToArray();
    }

    private static void Balance(XmlWriter xml, string code, long cents, DateOnly day) => Inside(xml, "Bal", () =>
    {
        Inside(xml, "Tp", () => Inside(xml, "CdOrPrtry", () => Texts(xml, ("Cd", code))));
        Amount(xml, Math.Abs(cents));
        Texts(xml, ("CdtDbtInd", cents < 0 ? "DBIT" : "CRDT"));
        Inside(xml, "Dt", () => Texts(xml, ("Dt", Stage.Day(day))));
    });

    private static void Entry(XmlWriter xml, StatementLine line, string reference, DateOnly day) => Inside(xml, "Ntry", () =>
    {
        var direction = line.ReturnReason is null ? "DBIT" : "CRDT";
        Amount(xml, line.AmountCents);
        Texts(xml, ("CdtDbtInd", direction));
        Inside(xml, "Sts", () => Texts(xml, ("Cd", "BOOK")));
        Inside(xml, "BookgDt", () => Texts(xml, ("Dt", Stage.Day(day))));
        Inside(xml, "ValDt", () => Texts(xml, ("Dt", Stage.Day(day))));
        Texts(xml, ("AcctSvcrRef", reference));
        Inside(xml, "BkTxCd", () => Inside(xml, "Domn", () =>
        {
            Texts(xml, ("Cd", "PMNT"));
            Inside(xml, "Fmly", () => Texts(xml, ("Cd", "ICDT"), ("SubFmlyCd", line.ReturnReason is null ? "ESCT" : "RRTN")));
        }));
        Inside(xml, "NtryDtls", () => Inside(xml, "TxDtls", () =>
        {
            Inside(xml, "Refs", () => Texts(xml, ("AcctSvcrRef", reference), ("EndToEndId", line.EndToEndId)));
            Amount(xml, line.AmountCents);
            Texts(xml, ("CdtDbtInd", direction));
            Inside(xml, "RltdPties", () =>
            {
                Inside(xml, "Cdtr", () => Inside(xml, "Pty", () => Texts(xml, ("Nm", line.Name))));
                Inside(xml, "CdtrAcct", () => Inside(xml, "Id", () => Texts(xml, ("IBAN", line.Iban))));
            });
            if (line.ReturnReason is { } reason)
            {
                Inside(xml, "RtrInf", () => Inside(xml, "Rsn", () => Texts(xml, ("Cd", reason))));
            }
        }));
    });

    private static void Amount(XmlWriter xml, long cents)
    {
        xml.WriteStartElement("Amt", Camt);
        xml.WriteAttributeString("Ccy", "EUR");
        xml.WriteString(string.Create(CultureInfo.InvariantCulture, $"{cents / 100}.{cents % 100:00}"));
        xml.WriteEndElement();
    }

    private static void Texts(XmlWriter xml, params ReadOnlySpan<(string Name, string Text)> elements)
    {
        foreach (var (name, text) in elements)
        {
            xml.WriteElementString(name, Camt, text);
        }
    }

    private static void Inside(XmlWriter xml, string name, Action content)
    {
        xml.WriteStartElement(name, Camt);
        content();
        xml.WriteEndElement();
    }
}
