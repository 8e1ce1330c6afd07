using System.Net;
using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>Files that are refused, and leave nothing behind.</summary>
[Collection(SharedReconcilingService.Name)]
public sealed class BrokenFiles(ReconcilingService reconciling)
{
    private Bank Bank => reconciling.Bank;

    [Fact]
    public async Task a_file_that_breaks_in_its_last_line_imports_nothing_and_names_the_line()
    {
        var transfer = (await Bank.OrderAsync(100_00))[0];
        var lines = Enumerable.Range(0, 30_000).Select(i => new Line(i + 1, $"NOISE-{i}", Reference: "paid for something else and long enough to fill the file"));
        var csv = Bank.Csv(lines.Prepend(new Line(100_00, transfer.EndToEndId))) + "2026-11-22,12.345,EUR,,,\n";
        Assert.True(csv.Length > 2 << 20);
        var before = await CountAsync();
        var key = Guid.NewGuid().ToString();

        var refused = await Bank.SendAsync(csv, key: key);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input", 30_003), (refused.Status, refused.Problem, refused.Body.GetProperty("line").GetInt32()));
        Assert.StartsWith("Line 30003: ", refused.Body.GetProperty("detail").GetString());
        Assert.Single(refused.Body.GetProperty("errors").GetProperty("line 30003").EnumerateArray());
        Assert.Equal(before, await CountAsync());
        await Bank.AssertStateAsync(transfer, "ordered", ("ordered", 100_00, 0));
        Assert.Equal("true", Assert.Single((await Bank.SendAsync(csv, key: key)).Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal((1, 0, 1, 0), Bank.Counts(await Bank.ImportAsync(new Line(100_00, transfer.EndToEndId))));
        await Bank.AssertVerifiedAsync();
    }

    [Theory]
    [InlineData("", "text/csv")]
    [InlineData("bookingDate,amountCents\n", "text/csv")]
    [InlineData("bookingDate,amountCents,currency,endToEndId,iban,reference\n2026-11-22,1,USD,,,\n", "text/csv")]
    [InlineData("bookingDate,amountCents,currency,endToEndId,iban,reference\n2026-11-22,1,EUR,,FR0000000000000000000000000,\n", "text/csv")]
    [InlineData("bookingDate,amountCents,currency,endToEndId,iban,reference\n2026-02-30,1,EUR,,,\n", "application/octet-stream")]
    [InlineData("<Document><unclosed>", "application/xml")]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "text/xml")]
    [InlineData("<a/>", "text/csv")]
    public async Task what_is_no_statement_is_refused_with_a_line(string content, string type)
    {
        var answer = await Bank.SendAsync(content, type);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.True(answer.Body.GetProperty("line").GetInt32() >= 1);
    }

    [Fact]
    public async Task a_key_and_a_fitting_type_are_needed()
    {
        Assert.Equal("idempotency-key-required", (await Bank.SendAsync(Bank.Csv(new Line(1)), withKey: false)).Problem);
        Assert.Equal("invalid-input", (await Bank.SendAsync(Bank.Csv(new Line(1)), key: new string('k', 256))).Problem);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await Bank.SendAsync("{}", "application/json")).Status);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await Bank.SendAsync(Bank.Csv(new Line(1)), "text/csv; charset=iso-8859-1")).Status);
    }

    [Fact]
    public async Task a_statement_without_movements_is_known_from_then_on()
    {
        var csv = Bank.Csv() + "\r\n";
        Assert.Equal((0, 0, 0, 0), Bank.Counts(await Bank.SendAsync(csv)));
        Assert.Equal((0, 0, 0, 0), Bank.Counts(await Bank.SendAsync(csv)));
    }

    private async Task<(long, long, long, long)> CountAsync()
    {
        await using var db = new NpgsqlConnection(Bank.Service.ConnectionString);
        return await db.QuerySingleAsync<(long, long, long, long)>(
            "select (select count(*) from bank_statement), (select count(*) from bank_movement), (select count(*) from reconciliation_exception), (select count(*) from fact)");
    }
}
