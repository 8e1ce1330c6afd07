using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>A statement must add up as the bank says, and name everything once.</summary>
public sealed class Controls
{
    private const string Summary = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>12.5</Sum></TtlNtries><TtlCdtNtries><NbOfNtries>1</NbOfNtries><Sum>2.50</Sum></TtlCdtNtries><TtlDbtNtries><NbOfNtries>1</NbOfNtries><Sum>10</Sum></TtlDbtNtries></TxsSummry>";
    private static readonly string Entries = Camt.Entry("10.00", reference: "R-1") + Camt.Entry("2.50", "CRDT", reference: "R-2");

    [Theory]
    [InlineData("OPBD", "100.00", "CRDT", "92.50", "CRDT")]
    [InlineData("PRCD", "100.00", "CRDT", "92.50", "CRDT")]
    [InlineData("OPBD", "5.00", "CRDT", "2.50", "DBIT")]
    [InlineData("OPBD", "5.00", "DBIT", "12.50", "DBIT")]
    public async Task balances_that_add_up_are_accepted(string code, string opening, string openingSide, string closing, string closingSide) =>
        Assert.Equal(2, (await Reading.OfAsync(Camt.Document(Camt.Balance(code, opening, openingSide) + Camt.Balance("CLBD", closing, closingSide) + Summary + Entries))).Movements.Count);

    [Fact]
    public async Task balances_that_do_not_add_up_are_told_and_the_entries_count_all_the_same()
    {
        var (movements, summary) = await Reading.OfAsync(Camt.Document(Camt.Balance("OPBD", "100.00") + Camt.Balance("CLBD", "92.51") + Camt.Entry("7.50")));
        Assert.Single(movements);
        Assert.Equal(
            "Line 14: statement 'STMT-1' does not add up: opening balance 100.00 and booked entries -7.50 make 92.50, not the closing balance 92.51.", Assert.Single(summary.Warnings));
    }

    [Fact]
    public async Task a_pending_entry_does_not_change_the_balance() =>
        Assert.Empty((await Reading.OfAsync(Camt.Document(Camt.Balance("OPBD", "100.00") + Camt.Balance("CLBD", "100.00") + Camt.Entry(status: "<Cd>PDNG</Cd>")))).Movements);

    [Fact]
    public async Task one_page_of_many_cannot_be_checked()
    {
        var content = "<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>" + Camt.Balance("OPBD", "100.00") + Camt.Balance("CLBD", "1.00") + Entries;
        Assert.Equal(2, (await Reading.OfAsync(Camt.Document(content))).Movements.Count);
        Assert.Single((await Reading.OfAsync(Camt.Document(content.Replace("false", "true", StringComparison.Ordinal)))).Summary.Warnings);
    }

    [Theory]
    [InlineData("<NbOfNtries>2<", "<NbOfNtries>3<", "TtlNtries/NbOfNtries says 3 entries, but 2")]
    [InlineData("<Sum>12.5<", "<Sum>12.501<", "TtlNtries/Sum says 12.501, but the entries add up to 12.50")]
    [InlineData("<Sum>2.50<", "<Sum>2.51<", "TtlCdtNtries/Sum")]
    [InlineData("<Sum>10<", "<Sum>1e1<", "TtlDbtNtries/Sum '1e1'")]
    public async Task totals_that_are_not_those_of_the_entries_are_refused(string right, string wrong, string reason)
    {
        var fault = await Assert.ThrowsAsync<StatementFaultException>(() => Reading.OfAsync(Camt.Document(Summary.Replace(right, wrong, StringComparison.Ordinal) + Entries)));
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public Task the_banks_reference_given_twice_is_refused() =>
        Reading.RefusedAsync(Camt.Document(Camt.Entry(reference: "R-1") + "\n" + Camt.Entry("3.00", reference: "R-1")), 14, "AcctSvcrRef", "R-1", "twice");

    [Fact]
    public Task a_statement_id_given_twice_is_refused() =>
        Reading.RefusedAsync(TwoStatements("STMT-1"), 10, "Stmt/Id", "STMT-1", "twice");

    [Fact]
    public async Task several_statements_of_one_account_are_read()
    {
        var (movements, summary) = await Reading.OfAsync(TwoStatements("STMT-2"));
        Assert.Equal(2, movements.Count);
        Assert.Equal(["STMT-1", "STMT-2"], summary.StatementIds);
        Assert.Equal(Camt.OwnIban, summary.AccountIban);
    }

    [Fact]
    public Task statements_of_several_accounts_are_refused() =>
        Reading.RefusedAsync(TwoStatements("STMT-2", Camt.OtherIban), 11, "one account", Camt.OtherIban);

    [Fact]
    public Task a_second_group_header_is_refused() =>
        Reading.RefusedAsync(Camt.Document("").Replace("</BkToCstmrStmt>", "<GrpHdr/></BkToCstmrStmt>", StringComparison.Ordinal), 9, "GrpHdr", "twice");

    [Theory]
    [InlineData("<Amt Ccy=\"EUR\">1.00</Amt>", 7, "Ntry/Amt is given twice")]
    [InlineData("<CdtDbtInd>CRDT</CdtDbtInd>", 7, "Ntry/CdtDbtInd is given twice")]
    public Task a_field_given_twice_is_refused(string second, int line, string reason) =>
        Reading.RefusedAsync(Camt.Document(Camt.Entry(more: second)), line, reason);

    private static string TwoStatements(string secondId, string secondIban = Camt.OwnIban) =>
        Camt.Document("<Ntry><Amt Ccy=\"EUR\">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-12-01</Dt></BookgDt></Ntry>")
            .Replace("</Stmt>", "</Stmt>\n" + Camt.Statement("<Ntry><Amt Ccy=\"EUR\">2</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-12-02</Dt></BookgDt></Ntry>", secondId, secondIban), StringComparison.Ordinal);
}
