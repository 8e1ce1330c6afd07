using System.Globalization;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Writes camt.053 for the tests, of either version; every part starts on its own line.</summary>
internal static class Camt
{
    public const string OwnIban = "FR7630006000011234567890189";
    public const string Iban = "FR1420041010050500013M02606";
    public const string OtherIban = "DE89370400440532013000";

    /// <summary>The document starts on line 1, its header on line 3, the statement on line 4, its content on line 7.</summary>
    public static string Document(string content, string version = "08", string id = "STMT-1") => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}"><BkToCstmrStmt>
        <GrpHdr><MsgId>MSG-1</MsgId><CreDtTm>2026-12-01T00:00:00Z</CreDtTm></GrpHdr>
        {Statement(content, id)}
        </BkToCstmrStmt></Document>
        """;

    public static string Statement(string content, string id = "STMT-1", string iban = OwnIban) => $"""
        <Stmt>
        <Id>{id}</Id><CreDtTm>2026-12-01T00:00:00Z</CreDtTm>
        <Acct><Id><IBAN>{iban}</IBAN></Id><Ccy>EUR</Ccy></Acct>
        {content}
        </Stmt>
        """;

    public static string Entry(string amount = "10.00", string direction = "DBIT", string details = "", string status = "<Cd>BOOK</Cd>", string date = "<Dt>2026-12-01</Dt>", string? reference = null, string more = "", string code = "ESCT", string currency = "EUR") => $"""
        <Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{more}
        <Sts>{status}</Sts>
        <BookgDt>{date}</BookgDt>
        {(reference is null ? "" : $"<AcctSvcrRef>{reference}</AcctSvcrRef>")}
        <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>{code}</SubFmlyCd></Fmly></Domn></BkTxCd>
        {(details.Length == 0 ? "" : $"<NtryDtls>{details}</NtryDtls>")}
        </Ntry>
        """;

    public static string Transaction(string? amount = null, string? endToEndId = null, string? creditor = null, string? debtor = null, string more = "", string refs = "") => $"""
        <TxDtls>
        <Refs>{refs}{(endToEndId is null ? "" : $"<EndToEndId>{endToEndId}</EndToEndId>")}</Refs>
        {(amount is null ? "" : $"""<AmtDtls><TxAmt><Amt Ccy="EUR">{amount}</Amt></TxAmt></AmtDtls>""")}
        <RltdPties>{Account("Dbtr", debtor)}{Account("Cdtr", creditor)}</RltdPties>
        {more}</TxDtls>
        """;

    public static string Balance(string code, string amount, string direction = "CRDT", string currency = "EUR") =>
        $"""<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-12-01</Dt></Dt></Bal>""";

    public static string Euros(long cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Account(string side, string? iban) => iban is null ? "" : $"<{side}Acct><Id><IBAN>{iban}</IBAN></Id></{side}Acct>";
}
