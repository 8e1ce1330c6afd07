using System.Globalization;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>Runs that the bank booked as one amount, and entries with the bank's own reference: camt.053.</summary>
[Collection(SharedReconcilingService.Name)]
public sealed class Batches(ReconcilingService reconciling)
{
    private Bank Bank => reconciling.Bank;

    [Fact]
    public async Task a_batch_of_the_run_s_number_and_total_pays_all_its_transfers_and_a_return_takes_one_back()
    {
        var transfers = await Bank.OrderAsync(100_00, 70_00, 30_00);

        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.SendAsync(Camt(Batch(transfers, 200_00)), "application/xml")));
        foreach (var transfer in transfers)
        {
            await Bank.AssertStateAsync(transfer, "paid", ("paid", transfer.Cents, transfer.Cents));
        }

        Assert.Equal("""{"count":3,"cents":20000}""", (await Bank.ReconciliationAsync(transfers[0].Programme)).GetProperty("exact").GetRawText());
        await Bank.ImportAsync(new Line(-70_00, transfers[1].EndToEndId));
        await Bank.AssertStateAsync(transfers[1], "rejected", ("rejected", 0, 0));
        Assert.Equal("""{"count":2,"cents":13000}""", (await Bank.ReconciliationAsync(transfers[0].Programme)).GetProperty("exact").GetRawText());
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_return_before_its_batch_and_the_same_batch_twice()
    {
        var transfers = await Bank.OrderAsync(100_00, 70_00);
        await Bank.ImportAsync(new Line(-70_00, transfers[1].EndToEndId));

        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.SendAsync(Camt(Batch(transfers, 170_00)), "application/xml")));
        Assert.Equal((1, 0, 0, 1), Bank.Counts(await Bank.SendAsync(Camt(Batch(transfers, 170_00)), "application/xml")));

        await Bank.AssertStateAsync(transfers[0], "paid", ("paid", 100_00, 100_00));
        await Bank.AssertStateAsync(transfers[1], "rejected", ("rejected", 0, 0));
        Assert.Equal(["rejected", "duplicate"], (await Bank.OpenAsync(transfers[0])).Select(e => e.GetProperty("kind").GetString()));
        await Bank.AssertVerifiedAsync();
    }

    [Theory]
    [InlineData(199_99, "partial")]
    [InlineData(200_01, "over")]
    public async Task a_batch_of_another_total_is_an_exception_of_the_run(long cents, string kind)
    {
        var transfers = await Bank.OrderAsync(100_00, 100_00);

        Assert.Equal((1, 0, 0, 1), Bank.Counts(await Bank.SendAsync(Camt(Batch(transfers, cents)), "text/xml")));

        var exception = await Bank.OneOpenAsync(transfers[0], kind);
        await Bank.AssertStateAsync(transfers[0], "ordered", ("ordered", 100_00, 0));
        var paid = await Bank.ResolveAsync(exception, "paid");
        Assert.Equal(kind == "over" ? null : "resolution-refused", paid.Problem);
        await Bank.AssertStateAsync(transfers[1], kind == "over" ? "paid" : "ordered", (kind == "over" ? "paid" : "ordered", 100_00, kind == "over" ? 100_00 : 0));
        await Bank.ReconciliationAsync(transfers[0].Programme);
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task a_batch_that_comes_back_whole_reopens_the_run()
    {
        var transfers = await Bank.OrderAsync(100_00, 70_00);
        await Bank.SendAsync(Camt(Batch(transfers, 170_00)), "application/xml");

        Bank.Counts(await Bank.SendAsync(Camt(Batch(transfers, 170_00, isCredit: true)), "application/xml"));

        await Bank.OneOpenAsync(transfers[0], "rejected");
        foreach (var transfer in transfers)
        {
            await Bank.AssertStateAsync(transfer, "rejected", ("rejected", 0, 0));
        }

        await Bank.ReconciliationAsync(transfers[0].Programme);
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task an_entry_with_the_bank_s_reference_is_known_in_whatever_file_it_comes()
    {
        var transfers = await Bank.OrderAsync(100_00, 70_00);
        var (first, second) = (Single(transfers[0]), Single(transfers[1]));
        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.SendAsync(Camt(first), "application/xml")));

        Assert.Equal((1, 1, 1, 0), Bank.Counts(await Bank.SendAsync(Camt(second + first), "application/xml")));
        await Bank.AssertVerifiedAsync();
    }

    private static string Day => ServiceDone.Today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Euros(long cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture);

    private static string Single(OrderedTransfer t) => Entry(t.Cents, $"<NtryDtls><TxDtls><Refs><EndToEndId>{t.EndToEndId}</EndToEndId></Refs></TxDtls></NtryDtls>");

    private static string Batch(IReadOnlyList<OrderedTransfer> transfers, long cents, bool isCredit = false) =>
        Entry(cents, $"<NtryDtls><Btch><PmtInfId>{transfers[0].RunNumber}</PmtInfId><NbOfTxs>{transfers.Count}</NbOfTxs></Btch></NtryDtls>", isCredit);

    private static string Entry(long cents, string details, bool isCredit = false) =>
        $"""
        <Ntry><Amt Ccy="EUR">{Euros(cents)}</Amt><CdtDbtInd>{(isCredit ? "CRDT" : "DBIT")}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>{Day}</Dt></BookgDt>
        <AcctSvcrRef>B{Guid.NewGuid():N}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>{details}</Ntry>
        """;

    private static string Camt(string entries) =>
        $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>{Guid.NewGuid():N}</MsgId><CreDtTm>2026-11-22T20:00:00Z</CreDtTm></GrpHdr>
        <Stmt><Id>{Guid.NewGuid():N}</Id><Acct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}</Stmt></BkToCstmrStmt></Document>
        """;
}
