using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Any movements, written as a bank would, are read back as they were: in both versions of camt.053, in batches or not, and in CSV.</summary>
public sealed class RoundTrips
{
    private static readonly Config Hundreds = Config.QuickThrowOnFailure.WithMaxTest(300);

    [Theory]
    [InlineData("08", 1)]
    [InlineData("08", 3)]
    [InlineData("02", 1)]
    [InlineData("02", 3)]
    public void camt_053(string version, int transactionsPerEntry) => Check.One(Hundreds, Prop.ForAll(Statements(), movements =>
    {
        var entries = movements.Chunk(transactionsPerEntry).Select((parts, i) => parts.Select(part => part with { BankReference = $"R-{i}", BookingDate = parts[0].BookingDate }).ToList()).ToList();
        var expected = entries.SelectMany(parts => parts).ToList();
        var xml = Camt.Document(Balances(expected) + string.Concat(entries.Select(parts => Entry(parts, version))), version);
        return Same(expected, xml);
    }));

    [Theory]
    [InlineData(',', "\n")]
    [InlineData(';', "\r\n")]
    public void csv(char separator, string end) => Check.One(Hundreds, Prop.ForAll(Statements(), movements =>
    {
        var text = new StringBuilder("bookingDate,amountCents,currency,endToEndId,iban,reference".Replace(',', separator)).Append(end);
        foreach (var movement in movements)
        {
            text.AppendJoin(separator, movement.BookingDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), movement.AmountCents, "EUR", Quoted(movement.EndToEndId), movement.Iban, Quoted(movement.Reference)).Append(end);
        }

        return Same(movements.Select(movement => movement with { IsReturn = movement.AmountCents < 0, ReturnReason = null }).ToList(), text.ToString());
    }));

    private static bool Same(List<Movement> expected, string content)
    {
        var (read, summary) = Reading.OfAsync(content).GetAwaiter().GetResult();
        var counted = expected.Select((movement, i) => movement with { Occurrence = expected.Take(i).Count(before => before == movement) });
        Assert.Equal(counted, read.Select(movement => movement with { Line = 0 }));
        return summary.Movements == expected.Count
            && summary.From == (expected.Count == 0 ? null : expected.Min(movement => movement.BookingDate))
            && summary.To == (expected.Count == 0 ? null : expected.Max(movement => movement.BookingDate));
    }

    private static string Balances(List<Movement> movements)
    {
        var closing = 12_345 - movements.Sum(movement => movement.AmountCents);
        return Camt.Balance("OPBD", "123.45") + Camt.Balance("CLBD", Camt.Euros(Math.Abs(closing)), closing < 0 ? "DBIT" : "CRDT");
    }

    private static string Entry(List<Movement> parts, string version)
    {
        var sum = parts.Sum(part => part.AmountCents);
        var details = string.Concat(parts.Select(part => Transaction(part, version, parts.Count > 1)));
        return Camt.Entry(Camt.Euros(Math.Abs(sum)), sum < 0 ? "CRDT" : "DBIT", details, version == "02" ? "BOOK" : "<Cd>BOOK</Cd>", $"<Dt>{parts[0].BookingDate:yyyy-MM-dd}</Dt>", parts[0].BankReference);
    }

    private static string Transaction(Movement part, string version, bool hasDirection)
    {
        var direction = hasDirection ? $"<CdtDbtInd>{(part.AmountCents < 0 ? "CRDT" : "DBIT")}</CdtDbtInd>" : "";
        var more = (part.Reference is null ? "" : $"<RmtInf><Ustrd>{Escaped(part.Reference)}</Ustrd></RmtInf>") + (part.ReturnReason is null ? "" : $"<RtrInf><Rsn><Cd>{part.ReturnReason}</Cd></Rsn></RtrInf>");
        var isOurs = part.AmountCents > 0 || part.IsReturn;
        var transaction = Camt.Transaction(Camt.Euros(Math.Abs(part.AmountCents)), Escaped(part.EndToEndId), isOurs ? part.Iban : Camt.OwnIban, isOurs ? Camt.OwnIban : part.Iban, more);
        return transaction.Replace("<TxDtls>", $"<TxDtls>{direction}", StringComparison.Ordinal);
    }

    private static string? Escaped(string? text) => System.Security.SecurityElement.Escape(text);

    private static string Quoted(string? text) => $"\"{text?.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static Arbitrary<List<Movement>> Statements()
    {
        var words = from length in Gen.Choose(1, 12)
                    from characters in Gen.ArrayOf(Gen.Elements("aZ09-/é€ß<&>\";,'œ𝄞".EnumerateRunes().Select(rune => rune.ToString()).ToArray()), length)
                    select string.Concat(characters);
        var movement = from day in Gen.Choose(0, 60)
                       from size in Gen.Elements(1L, 99, 100, 12_345, 9_999_999_999)
                       from isIn in Gen.Elements(true, false)
                       from reason in Gen.Elements(null, null, "AC04", "MS03")
                       from endToEndId in Gen.OneOf(Gen.Constant<string?>(null), words.Select(word => (string?)word))
                       from iban in Gen.Elements(null, Camt.Iban, Camt.OtherIban)
                       from reference in Gen.OneOf(Gen.Constant<string?>(null), words.Select(word => (string?)word))
                       select new Movement(0, new DateOnly(2026, 12, 1).AddDays(day), isIn ? -size : size, endToEndId, iban, reference, null, isIn && reason is not null, isIn ? reason : null, null, null, 0);
        return Gen.ListOf(movement).Select(list => list.ToList()).ToArbitrary();
    }
}
