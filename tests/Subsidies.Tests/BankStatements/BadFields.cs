using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Values that mean nothing, in XML and in CSV: refused with the line, the field and the value.</summary>
public sealed class BadFields
{
    private const string Header = "bookingDate,amountCents,currency,endToEndId,iban,reference\n";

    [Theory]
    [InlineData("1.005")]
    [InlineData("1.000")]
    [InlineData("-1.00")]
    [InlineData("+1.00")]
    [InlineData("1,00")]
    [InlineData("1e3")]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("１２")]
    [InlineData("100000000000.01")]
    [InlineData("1000000000000000000000000")]
    public Task an_amount_that_is_not_euros_and_cents_is_refused(string amount) =>
        Reading.RefusedAsync(Camt.Document(Camt.Entry(amount)), 7, "Ntry/Amt", $"'{amount}'");

    [Theory]
    [InlineData("1", 100)]
    [InlineData("1.", 100)]
    [InlineData("1.5", 150)]
    [InlineData("0.01", 1)]
    [InlineData(" 12.34 ", 1234)]
    [InlineData("100000000000", 10_000_000_000_000)]
    public async Task amounts_are_read_to_the_cent(string amount, long cents) =>
        Assert.Equal(cents, Assert.Single((await Reading.OfAsync(Camt.Document(Camt.Entry(amount)))).Movements).AmountCents);

    [Fact]
    public async Task other_currencies_are_refused()
    {
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(currency: "CHF")), 7, "CHF", "EUR");
        await Reading.RefusedAsync(Camt.Document(Camt.Entry()).Replace("<Ccy>EUR", "<Ccy>USD", StringComparison.Ordinal), 6, "Acct/Ccy", "USD");
        await Reading.RefusedAsync(Camt.Document(Camt.Entry()).Replace(" Ccy=\"EUR\"", "", StringComparison.Ordinal), 7, "EUR");
        await Reading.RefusedAsync(Camt.Document(Camt.Balance("OPBD", "1.00", currency: "GBP")), 7, "GBP");
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(details: Camt.Transaction("10.00").Replace("EUR", "USD", StringComparison.Ordinal))), 14, "USD");
        await Reading.RefusedAsync(Header + "2026-12-01,100,USD,,,\n", 2, "currency", "USD");
    }

    [Theory]
    [InlineData("1989-12-31")]
    [InlineData("2200-01-01")]
    [InlineData("2026-02-30")]
    [InlineData("0001-01-01")]
    [InlineData("12026-01-01")]
    [InlineData("01/12/2026")]
    [InlineData("2026-12-1")]
    [InlineData("")]
    public async Task a_date_that_is_none_or_out_of_range_is_refused(string date)
    {
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(date: $"<Dt>{date}</Dt>")), 9, "BookgDt", date);
        await Reading.RefusedAsync(Header + $"{date},100,EUR,,,\n", 2, "bookingDate", date);
    }

    [Theory]
    [InlineData("FR1420041010050500013M02607")]
    [InlineData("FR142004101005050001")]
    [InlineData("FR14")]
    [InlineData("1420041010050500013M02606FR")]
    public async Task an_iban_that_fails_its_check_is_refused(string iban)
    {
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(details: Camt.Transaction(creditor: iban))), 15, "CdtrAcct/Id/IBAN", iban);
        await Reading.RefusedAsync(Camt.Document("").Replace(Camt.OwnIban, iban, StringComparison.Ordinal), 6, "Acct/Id/IBAN", iban);
        await Reading.RefusedAsync(Header + $"2026-12-01,100,EUR,,{iban},\n", 2, "iban", iban);
    }

    [Fact]
    public async Task an_id_that_is_too_long_is_refused()
    {
        var id = new string('A', 36);
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(details: Camt.Transaction(endToEndId: id))), 13, "EndToEndId", "35");
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(reference: id)), 10, "AcctSvcrRef", "35");
        await Reading.RefusedAsync(Header + $"2026-12-01,100,EUR,{id},,\n", 2, "endToEndId", "35");
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999")]
    public async Task a_batch_count_that_is_none_is_refused(string count) =>
        await Reading.RefusedAsync(Camt.Document(Camt.Entry(details: $"<Btch><NbOfTxs>{count}</NbOfTxs></Btch>")), 12, "NbOfTxs", count);

    [Theory]
    [InlineData("application/xml", "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"/>", "no statement")]
    [InlineData("text/csv", "<Document/>", "sent as 'text/csv'")]
    [InlineData("application/json", "<Document/>", "sent as 'application/json'")]
    [InlineData("text/xml; charset=utf-8", "bookingDate\n", "sent as 'text/xml'")]
    [InlineData("Text/CSV;header=present", "bookingDate\n", "missing")]
    [InlineData(null, "", "empty")]
    [InlineData(null, " \r\n\t", "empty")]
    [InlineData("application/octet-stream", "bookingDate\n", "missing")]
    public async Task the_content_tells_the_format_and_the_media_type_must_agree(string? type, string content, string reason)
    {
        var fault = await Assert.ThrowsAsync<StatementFaultException>(() => Reading.OfAsync(content, type));
        Assert.Contains(reason, fault.Reason, StringComparison.Ordinal);
    }
}
