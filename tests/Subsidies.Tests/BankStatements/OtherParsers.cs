using System.Globalization;
using System.Text.Json;
using Marketplace.Subsidies.BankStatements;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>Two parsers from npm, camt-parser and iso20022.js, read the samples to the same movements as ours.</summary>
public sealed class OtherParsers
{
    private static readonly NodeFolder Node = new("BankStatements", "node");

    [Theory]
    [InlineData("camt.053.001.08.xml")]
    [InlineData("camt.053.001.02.xml")]
    public async Task other_parsers_read_the_same_movements(string sample)
    {
        var theirs = JsonDocument.Parse(await Node.RunAsync("camt.mjs", Reading.Sample(sample))).RootElement;

        await using var file = File.OpenRead(Reading.Sample(sample));
        var (movements, summary) = await Reading.OfAsync(file);
        Assert.Equal(theirs.GetProperty("statementIds").EnumerateArray().Select(id => id.GetString()), summary.StatementIds);
        Assert.Equal(theirs.GetProperty("accountIban").GetString(), summary.AccountIban);
        var booked = theirs.GetProperty("movements").EnumerateArray().Where(movement => movement.GetProperty("status").GetString() != "PDNG").ToList();
        Assert.Equal(booked.Select(Told), movements.Select(Told));
        Assert.All(booked, movement => Assert.Equal(movement.GetProperty("iban").GetString(), movement.GetProperty("creditorIban").GetString() ?? movement.GetProperty("iban").GetString()));
    }

    private static string Told(Movement movement) => string.Join('|', movement.BookingDate.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), movement.AmountCents, movement.EndToEndId, movement.Iban, movement.Reference, movement.BankReference, movement.IsReturn, movement.ReturnReason);

    private static string Told(JsonElement movement)
    {
        string? Text(string name) => movement.GetProperty(name).GetString();
        var cents = (long)(decimal.Parse(Text("euros")!, CultureInfo.InvariantCulture) * 100);
        var isReturn = movement.GetProperty("isReversal").GetBoolean() || Text("code") == "RRTN" || Text("returnReason") is not null;
        return string.Join('|', Text("bookedOn"), movement.GetProperty("isCredit").GetBoolean() ? -cents : cents, Text("endToEndId")?.Replace("NOTPROVIDED", "", StringComparison.Ordinal), Text("iban"), Text("text"), Text("bankReference"), isReturn, Text("returnReason"));
    }
}
