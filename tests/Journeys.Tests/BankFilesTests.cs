using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Marketplace.Local.Campaigns;

namespace Marketplace.Journeys_Tests;

/// <summary>The bank's side of a play: the payment file it takes, and the statement it gives back.</summary>
public sealed class BankFilesTests
{
    private static readonly XNamespace Camt = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08";
    private static readonly Transfer[] Transfers = [.. Enumerable.Range(1, 6).Select(n => new Transfer("p", "q", $"Fournisseur {n}", $"E2E-{n}", "FR7630001007941234567890185", n * 1_001))];

    [Fact]
    public void a_statement_holds_a_line_of_every_kind_and_its_balances_add_up()
    {
        var lines = StatementLine.OneOfEachKind(Transfers);
        var statement = XDocument.Load(new MemoryStream(WriteStatement.Of("FR7630001007941234567890185", lines, new DateOnly(2026, 12, 31), DateTimeOffset.UnixEpoch))).Root!;

        var balances = statement.Descendants(Camt + "Bal").Select(Signed).ToList();
        var entries = statement.Descendants(Camt + "Ntry").ToList();
        Assert.Equal(balances[1], balances[0] + entries.Sum(Signed));
        Assert.Equal([-10.01m, -10.01m, -19.02m, -31.03m, -40.04m, 40.04m, -60.06m, -123.45m], entries.Select(Signed));
        Assert.Equal(["E2E-1", "E2E-1", "E2E-2", "E2E-3", "E2E-4", "E2E-4", "E2E-6", "LOYER-2026-11"], entries.Select(entry => entry.Descendants(Camt + "EndToEndId").Single().Value));
        Assert.Equal(entries.Count, entries.Select(entry => entry.Element(Camt + "AcctSvcrRef")!.Value).Distinct().Count());
        Assert.Equal("AC04", Assert.Single(statement.Descendants(Camt + "RtrInf")).Value);
    }

    [Fact]
    public void few_transfers_make_few_kinds_and_no_amount_of_zero()
    {
        var cent = Transfers[0] with { AmountCents = 1 };

        Assert.Equal([LineKind.Unknown], StatementLine.OneOfEachKind([]).Select(line => line.Kind));
        Assert.Equal([1, 1, 1, 12_345], StatementLine.OneOfEachKind([cent, cent]).Select(line => line.AmountCents));
    }

    [Fact]
    public void a_payment_file_is_read_as_a_bank_does()
    {
        var file = PaymentFile.Read(Pain("10.50", "2", "5.25", "5.25"));

        Assert.Equal("FR7630001007941234567890185", file.DebtorIban);
        Assert.Equal([("E2E-1", "FR1420041010050500013M02606", 525L), ("E2E-2", "FR1420041010050500013M02606", 525L)], file.Transfers);
    }

    [Theory]
    [InlineData("10.51", "2", "5.25", "5.25")]
    [InlineData("10.50", "3", "5.25", "5.25")]
    [InlineData("10.50", "2", "5,25", "5.25")]
    public void one_that_a_bank_would_refuse_is_refused(string sum, string count, params string[] amounts) =>
        Assert.Throws<RefusedException>(() => PaymentFile.Read(Pain(sum, count, amounts)));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("<Document/>")]
    public void what_is_no_payment_file_is_refused(string text) => Assert.Throws<RefusedException>(() => PaymentFile.Read(Encoding.UTF8.GetBytes(text)));

    private static decimal Signed(XElement booked) =>
        decimal.Parse(booked.Element(Camt + "Amt")!.Value, CultureInfo.InvariantCulture) * (booked.Element(Camt + "CdtDbtInd")!.Value == "DBIT" ? -1 : 1);

    private static byte[] Pain(string sum, string count, params string[] amounts) => Encoding.UTF8.GetBytes($"""
        <?xml version="1.0" encoding="utf-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
          <GrpHdr><NbOfTxs>{count}</NbOfTxs><CtrlSum>{sum}</CtrlSum></GrpHdr>
          <PmtInf><DbtrAcct><Id><IBAN>FR7630001007941234567890185</IBAN></Id></DbtrAcct>
          {string.Concat(amounts.Select((amount, n) => $"""
            <CdtTrfTxInf><PmtId><EndToEndId>E2E-{n + 1}</EndToEndId></PmtId><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt>
            <CdtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></CdtrAcct></CdtTrfTxInf>
            """))}
          </PmtInf></CstmrCdtTrfInitn></Document>
        """);
}
