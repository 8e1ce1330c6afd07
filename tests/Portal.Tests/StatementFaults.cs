using Marketplace.Portal.Files;
using Marketplace.Portal.Finance;
using Marketplace.Portal.Texts;

namespace Marketplace.Portal.Tests;

/// <summary>The API's reasons in the reader's words, and which transfers an unknown movement is shown beside.</summary>
public sealed class StatementFaults
{
    [Theory]
    [InlineData("bookingDate '2026-02-30' is not a date written yyyy-MM-dd.", "date", "bookingDate « 2026-02-30 »")]
    [InlineData("BookgDt/Dt 'x' is out of range: 2000-01-01 to 2100-01-01.", "date", "BookgDt/Dt « x »")]
    [InlineData("Ccy 'USD' is not accepted: statements are in EUR only.", "currency", "Ccy « USD »")]
    [InlineData("iban 'FR76' is not a valid IBAN: its length, characters or check digits are wrong.", "iban", "iban « FR76 »")]
    [InlineData("amountCents '1.5' is not a whole number of cents other than 0, up to 1000 either way.", "amount", "amountCents « 1.5 »")]
    [InlineData("The column 'iban' is missing.", "columns", null)]
    [InlineData("The line has 3 fields, where the header has 6.", "columns", null)]
    [InlineData("GrpHdr is given twice.", "twice", null)]
    [InlineData("TtlNtries/Sum says 5, but the entries add up to 6.", "sums", null)]
    [InlineData("Acct 'FR14' is another account than 'DE89' before it: send the statements of one account per file.", "account", "Acct « FR14 »")]
    [InlineData("The bytes are not UTF-8.", "encoding", null)]
    [InlineData("The file holds more than 1000 movements.", "long", null)]
    [InlineData("The file is empty.", "empty", null)]
    [InlineData("A document type definition (DTD) is not accepted.", "form", null)]
    [InlineData("", "form", null)]
    public void are_said_in_words_of_the_portal(string reason, string kind, string? subject)
    {
        Assert.Equal(new StatementFault(kind, subject), StatementFault.Of(reason));
        Assert.True(Wording.French.Has($"file.fault.{kind}"));
    }

    [Fact]
    public void have_words_for_every_kind() => Assert.All(StatementFault.Kinds, kind => Assert.True(Wording.French.Has($"file.fault.{kind}"), kind));

    [Fact]
    public void a_movement_is_shown_beside_what_agrees_with_it_most_first_and_money_that_came_in_beside_nothing()
    {
        var movement = Exception("unknown", 250, null, "DE89", reference: "Reste de pr-2026-000001-000001");
        var rest = Exception("partial", 750, 1_000, "FR14", "PR-2026-000001-000001");
        var account = Exception("missing", 0, 900, "DE89", "PR-2026-000002-000001");
        var both = Exception("missing", 0, 250, "DE89", "PR-2026-000003-000001");
        var stranger = Exception("missing", 0, 251, "FR14", "PR-2026-000004-000001");
        Assert.Equal(
            [(rest.Id, "end-to-end rest"), (both.Id, "iban amount"), (account.Id, "iban")],
            Candidate.Of(movement, [account, rest, stranger, both]).Select(c => (c.Exception.Id, string.Join(' ', c.Agreements))));
        Assert.Empty(Candidate.Of(movement with { AmountCents = -250 }, [account, rest, both]));
    }

    private static BankException Exception(string kind, long amount, long? expected, string iban, string? endToEndId = null, string? reference = null) => new(
        Guid.NewGuid(), kind, "open", null, null, null, null, null, null, endToEndId, null, iban, reference, null, amount, expected, null, null, "", DateTime.UnixEpoch, null, null, null);
}
