using System.Text;
using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>CSV as spreadsheets and programs write it.</summary>
public sealed class CsvFiles
{
    private const string Header = "bookingDate,amountCents,currency,endToEndId,iban,reference";

    [Theory]
    [InlineData(Header + "\r\n2026-12-01,100,EUR,RUN-1,FR14 2004 1010 0505 0001 3M02 606,Aide\r\n")]
    [InlineData("\uFEFF" + Header + "\n2026-12-01,100,EUR,RUN-1,fr1420041010050500013m02606,Aide")]
    [InlineData("reference;iban;endToEndId;currency;amountCents;bookingDate\nAide;FR1420041010050500013M02606;RUN-1;EUR;100;2026-12-01\n")]
    [InlineData("\"bookingDate\",\"amountCents\",\"currency\",\"endToEndId\",\"iban\",\"reference\"\n\"2026-12-01\",\"100\",\"EUR\",\"RUN-1\",\"FR1420041010050500013M02606\",\"Aide\"\n\n")]
    public async Task columns_separators_quotes_and_marks_as_they_come(string content) =>
        Assert.Equal(("RUN-1", 100L, Camt.Iban, "Aide"), Assert.Single((await Reading.OfAsync(content)).Movements.Select(m => (m.EndToEndId!, m.AmountCents, m.Iban!, m.Reference!))));

    [Theory]
    [InlineData("bookingDate,amountCents,currency,endToEndId,iban\n", "'reference' is missing")]
    [InlineData(Header + ",more\n", "'more' is not known")]
    [InlineData(Header + ",iban\n", "twice")]
    [InlineData("Date;Libellé;Débit\n", "'Date' is not known")]
    [InlineData("2026-12-01,100,EUR,,,\n", "'2026-12-01' is not known")]
    public Task a_header_of_other_columns_is_refused(string content, string reason) => Reading.RefusedAsync(content, 1, reason);

    [Theory]
    [InlineData("2026-12-01,0,EUR,,,", "amountCents '0'")]
    [InlineData("2026-12-01,1.5,EUR,,,", "amountCents '1.5'")]
    [InlineData("2026-12-01,,EUR,,,", "amountCents ''")]
    [InlineData("2026-12-01,10000000000001,EUR,,,", "amountCents '10000000000001'")]
    [InlineData("2026-12-01,-10000000000001,EUR,,,", "amountCents '-10000000000001'")]
    [InlineData("2026-12-01,9223372036854775808,EUR,,,", "amountCents")]
    [InlineData("2026-12-01,100,EUR,,", "5 fields")]
    [InlineData("2026-12-01,100,EUR,,,,", "7 fields")]
    [InlineData("2026-12-01;100;EUR;;;", "1 fields")]
    [InlineData("2026-12-01,100,EUR,\"RUN\"1,,", "RFC 4180")]
    [InlineData("2026-12-01,100,EUR,RUN\u00001,,", "control character")]
    public Task a_line_that_is_wrong_is_refused(string line, string reason) =>
        Reading.RefusedAsync($"{Header}\n2026-12-01,100,EUR,,,\n{line}\n2026-12-01,100,EUR,,,\n", 3, reason);

    [Fact]
    public Task a_quote_that_is_never_closed_is_refused() =>
        Reading.RefusedAsync($"{Header}\n2026-12-01,100,EUR,,,\"never\n" + string.Concat(Enumerable.Repeat("2026-12-01,100,EUR,,,\n", 10_000)), 2, "RFC 4180");

    [Fact]
    public Task a_line_of_a_megabyte_is_refused() =>
        Reading.RefusedAsync($"{Header}\n2026-12-01,100,EUR,,,{new string('x', 1 << 20)}\n", 2, "longer");

    [Fact]
    public Task a_field_of_ten_thousand_characters_is_refused() =>
        Reading.RefusedAsync($"{Header}\n2026-12-01,100,EUR,,,{new string('x', 10_000)}\n", 2, "longer");

    [Theory]
    [InlineData(0)]
    [InlineData(2_000)]
    public Task bytes_that_are_not_utf_8_are_refused_with_their_line(int linesBefore)
    {
        var text = Header + "\n" + string.Concat(Enumerable.Repeat("2026-12-01,100,EUR,,,é\n", linesBefore)) + "2026-12-01,100,EUR,,,\"two\nÉ\"\n2026-12-01,100,EUR,,,\n";
        byte[] bytes = [.. Encoding.UTF8.GetBytes(text[..text.IndexOf('É', StringComparison.Ordinal)]), .. Encoding.Latin1.GetBytes(text[text.IndexOf('É', StringComparison.Ordinal)..])];
        return Reading.RefusedAsync(bytes, linesBefore + 3, "UTF-8");
    }

    [Fact]
    public async Task other_unicode_encodings_are_refused()
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode, Encoding.UTF32 })
        {
            await Reading.RefusedAsync([.. encoding.GetPreamble(), .. encoding.GetBytes(Header + "\n")], 1, "UTF-8");
        }
    }

    [Fact]
    public async Task blank_lines_count_but_hold_nothing()
    {
        var (movements, _) = await Reading.OfAsync($"{Header}\n\n2026-12-01,100,EUR,,,\n\r\n2026-12-01,200,EUR,,,\n\n");
        Assert.Equal([(3, 100L), (5, 200L)], movements.Select(movement => (movement.Line, movement.AmountCents)));
    }

    [Fact]
    public async Task a_header_alone_is_an_empty_statement()
    {
        var (movements, summary) = await Reading.OfAsync(Header);
        Assert.Empty(movements);
        Assert.Equal((null, null), (summary.From, summary.To));
    }

    [Fact]
    public async Task a_negative_amount_is_a_return() =>
        Assert.Equal([(100L, false), (-100L, true)], (await Reading.OfAsync($"{Header}\n2026-12-01,100,EUR,,,\n2026-12-01,-100,EUR,,,\n")).Movements.Select(movement => (movement.AmountCents, movement.IsReturn)));
}
