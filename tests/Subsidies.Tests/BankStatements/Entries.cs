using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>What the entries of a camt.053 mean, in both versions where they differ.</summary>
public sealed class Entries
{
    [Fact]
    public async Task a_debit_is_paid_out_and_a_credit_came_in()
    {
        var movements = await ReadAsync(Camt.Entry("12.30") + Camt.Entry("7", "CRDT"));
        Assert.Equal([1230, -700], movements.Select(movement => movement.AmountCents));
        Assert.All(movements, movement => Assert.False(movement.IsReturn));
    }

    [Theory]
    [InlineData("08", "<Cd>PDNG</Cd>")]
    [InlineData("08", "<Cd>INFO</Cd>")]
    [InlineData("08", "<Cd>FUTR</Cd>")]
    [InlineData("02", "PDNG")]
    [InlineData("02", "INFO")]
    public async Task only_booked_entries_count(string version, string status)
    {
        var booked = version == "02" ? "BOOK" : "<Cd>BOOK</Cd>";
        var pending = Camt.Entry("5.00", details: Camt.Transaction("5.00", "A-1") + Camt.Transaction(null, "A-2"), status: status, reference: "REF-1");
        var (movements, summary) = await Reading.OfAsync(Camt.Document(pending + Camt.Entry("5.00", status: booked, reference: "REF-1"), version));
        Assert.Equal("REF-1", Assert.Single(movements).BankReference);
        Assert.Equal(1, summary.PendingIgnored);
    }

    [Theory]
    [InlineData("08", "BOOK")]
    [InlineData("02", "<Cd>BOOK</Cd>")]
    [InlineData("08", "<Cd>XXXX</Cd>")]
    [InlineData("08", "<Prtry>BOOK</Prtry>")]
    public Task a_status_of_the_other_version_or_of_the_banks_own_is_refused(string version, string status) =>
        Reading.RefusedAsync(Camt.Document(Camt.Entry(status: status), version), 8, "Sts");

    [Theory]
    [InlineData("""<Btch><NbOfTxs>2</NbOfTxs></Btch>""")]
    [InlineData("")]
    public async Task an_entry_with_several_transactions_is_one_movement_for_each(string batch)
    {
        var details = batch + Camt.Transaction("4.00", "A-1", Camt.Iban) + Camt.Transaction("6.00", "A-2", Camt.OtherIban);
        var movements = await ReadAsync(Camt.Entry("10.00", details: details, reference: "REF-1"));
        Assert.Equal([("A-1", 400, Camt.Iban, "REF-1"), ("A-2", 600, Camt.OtherIban, "REF-1")], movements.Select(m => (m.EndToEndId!, (int)m.AmountCents, m.Iban!, m.BankReference!)));
        Assert.All(movements, movement => Assert.Null(movement.BatchCount));
    }

    [Fact]
    public Task transactions_that_do_not_add_up_to_their_entry_are_refused() =>
        Reading.RefusedAsync(Camt.Document(Camt.Entry("10.00", details: Camt.Transaction("4.00") + Camt.Transaction("6.01"))), 7, "10.01", "10.00");

    [Fact]
    public Task one_transaction_of_another_amount_than_its_entry_is_refused() =>
        Reading.RefusedAsync(Camt.Document(Camt.Entry("10.00", details: Camt.Transaction("9.99"))), 7, "9.99");

    [Theory]
    [InlineData("4.00", null)]
    [InlineData(null, "4.00")]
    [InlineData(null, null)]
    public async Task several_transactions_must_all_give_their_amount(string? first, string? second) =>
        await Assert.ThrowsAsync<StatementFaultException>(() => ReadAsync(Camt.Entry("4.00", details: Camt.Transaction(first) + Camt.Transaction(second))));

    [Fact]
    public async Task a_single_transaction_without_an_amount_has_that_of_its_entry() =>
        Assert.Equal(("A-1", 1000), Assert.Single((await ReadAsync(Camt.Entry("10.00", details: Camt.Transaction(null, "A-1")))).Select(m => (m.EndToEndId!, (int)m.AmountCents))));

    [Fact]
    public async Task transactions_may_go_both_ways_within_an_entry()
    {
        const string Back = """<TxDtls><Amt Ccy="EUR">4.00</Amt><CdtDbtInd>CRDT</CdtDbtInd></TxDtls>""";
        var movements = await ReadAsync(Camt.Entry("6.00", details: """<TxDtls><Amt Ccy="EUR">10.00</Amt></TxDtls>""" + Back));
        Assert.Equal([1000, -400], movements.Select(movement => movement.AmountCents));
    }

    [Fact]
    public async Task a_batch_without_details_is_one_movement_that_names_it()
    {
        var batch = Assert.Single(await ReadAsync(Camt.Entry("10.00", details: "<Btch><PmtInfId>RUN-1</PmtInfId><NbOfTxs>3</NbOfTxs></Btch>")));
        Assert.Equal(("RUN-1", 3, 1000L, null), (batch.PaymentInformationId, batch.BatchCount, batch.AmountCents, batch.EndToEndId));
    }

    [Fact]
    public async Task several_batches_in_one_entry_are_told_apart()
    {
        const string Details = """<Btch><PmtInfId>RUN-1</PmtInfId><NbOfTxs>3</NbOfTxs><TtlAmt Ccy="EUR">4.00</TtlAmt></Btch></NtryDtls><NtryDtls><Btch><PmtInfId>RUN-2</PmtInfId><NbOfTxs>1</NbOfTxs><TtlAmt Ccy="EUR">6.00</TtlAmt></Btch>""";
        var movements = await ReadAsync(Camt.Entry("10.00", details: Details));
        Assert.Equal([("RUN-1", 400), ("RUN-2", 600)], movements.Select(m => (m.PaymentInformationId!, (int)m.AmountCents)));
    }

    [Fact]
    public async Task a_batch_told_by_a_transaction_without_its_own_id_names_it_too()
    {
        var details = "<Btch><NbOfTxs>3</NbOfTxs></Btch>" + Camt.Transaction(refs: "<PmtInfId>RUN-1</PmtInfId>");
        var batch = Assert.Single(await ReadAsync(Camt.Entry("10.00", details: details)));
        Assert.Equal(("RUN-1", 3), (batch.PaymentInformationId, batch.BatchCount));
    }

    [Theory]
    [InlineData("<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf>", "", "ESCT", "AC04")]
    [InlineData("<RtrInf><Rsn><Prtry>CLOSED</Prtry></Rsn></RtrInf>", "", "ESCT", "CLOSED")]
    [InlineData("<RtrInf></RtrInf>", "", "ESCT", null)]
    [InlineData("", "<RvslInd>true</RvslInd>", "ESCT", null)]
    [InlineData("", "<RvslInd>1</RvslInd>", "ESCT", null)]
    [InlineData("", "", "RRTN", null)]
    [InlineData("", "", "RPCR", null)]
    public async Task a_credit_is_a_return_by_its_information_its_reversal_indicator_or_its_code(string information, string reversal, string code, string? reason)
    {
        var back = Assert.Single(await ReadAsync(Camt.Entry("10.00", "CRDT", Camt.Transaction(null, "A-1", Camt.Iban, Camt.OwnIban, information), more: reversal, code: code)));
        Assert.True(back.IsReturn);
        Assert.Equal((reason, -1000L, "A-1", Camt.Iban), (back.ReturnReason, back.AmountCents, back.EndToEndId, back.Iban));
    }

    [Fact]
    public async Task a_debit_never_is_a_return_even_when_it_reverses_one()
    {
        var again = Assert.Single(await ReadAsync(Camt.Entry("10.00", "DBIT", Camt.Transaction(null, "A-1", Camt.Iban), more: "<RvslInd>true</RvslInd>")));
        Assert.Equal((false, 1000L), (again.IsReturn, again.AmountCents));
    }

    [Theory]
    [InlineData("DBIT", Camt.Iban, Camt.OwnIban, Camt.Iban)]
    [InlineData("DBIT", null, Camt.OtherIban, Camt.OtherIban)]
    [InlineData("DBIT", null, Camt.OwnIban, null)]
    [InlineData("CRDT", Camt.OwnIban, Camt.Iban, Camt.Iban)]
    [InlineData("CRDT", Camt.OtherIban, Camt.Iban, Camt.Iban)]
    [InlineData("CRDT", Camt.Iban, null, Camt.Iban)]
    public async Task the_counterparty_is_the_one_that_is_not_us(string direction, string? creditor, string? debtor, string? expected) =>
        Assert.Equal(expected, Assert.Single(await ReadAsync(Camt.Entry(direction: direction, details: Camt.Transaction(null, "A-1", creditor, debtor)))).Iban);

    [Fact]
    public async Task a_date_with_a_time_is_the_day_that_the_bank_writes()
    {
        var movements = await ReadAsync(Camt.Entry(date: "<DtTm>2026-12-31T23:59:59.999+01:00</DtTm>") + Camt.Entry(date: "<Dt>2026-12-31Z</Dt>"));
        Assert.All(movements, movement => Assert.Equal(new DateOnly(2026, 12, 31), movement.BookingDate));
    }

    [Theory]
    [InlineData("NOTPROVIDED", null)]
    [InlineData("", null)]
    [InlineData("RUN-1", "RUN-1")]
    public async Task an_end_to_end_id_that_is_not_provided_is_none(string written, string? expected) =>
        Assert.Equal(expected, Assert.Single(await ReadAsync(Camt.Entry(details: Camt.Transaction(null, written)))).EndToEndId);

    [Fact]
    public async Task remittance_lines_are_one_text_of_at_most_140_characters()
    {
        var lines = string.Concat(Enumerable.Repeat($"<Ustrd>{new string('é', 50)}</Ustrd>", 4));
        var movement = Assert.Single(await ReadAsync(Camt.Entry(details: Camt.Transaction(more: $"<RmtInf>{lines}</RmtInf>"))));
        Assert.Equal($"{new string('é', 50)} {new string('é', 50)} {new string('é', 38)}", movement.Reference);
    }

    [Fact]
    public async Task an_entry_of_nothing_moves_nothing() =>
        Assert.Empty(await ReadAsync(Camt.Entry("0.00", reference: "REF-1")));

    [Fact]
    public async Task true_twins_are_counted()
    {
        var twins = await ReadAsync(Camt.Entry("1.00") + Camt.Entry("2.00") + Camt.Entry("1.00") + Camt.Entry("1.00"));
        Assert.Equal([0, 0, 1, 2], twins.Select(movement => movement.Occurrence));
    }

    private static async Task<List<Movement>> ReadAsync(string content) => (await Reading.OfAsync(Camt.Document(content))).Movements;
}
