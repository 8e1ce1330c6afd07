using Marketplace.Subsidies.BankStatements;

namespace Marketplace.Subsidies.Tests.BankStatements;

/// <summary>The samples, as a bank would send them, read to exactly these movements.</summary>
public sealed class Samples
{
    private const string Company = "FR1420041010050500013M02606";
    private const string German = "DE89370400440532013000";
    private const string Insulation = "FR1610278060000002000000123";
    private const string Region = "FR4820041010010000000000123";

    [Fact]
    public async Task version_8_with_a_line_of_every_kind()
    {
        var (movements, summary) = await ReadAsync("camt.053.001.08.xml");

        Assert.Equal(
            [
                Paid(1, 125_040, "RUN1-0001", Company, "Aide aux travaux, dossier A-17", "AR-2026-1201-001"),
                Paid(1, 10_001, "RUN2-0001", Company, null, "AR-2026-1201-002"),
                Paid(1, 29_999, "RUN2-0002", German, "Rechnung 12", "AR-2026-1201-002"),
                Paid(1, 20_000, "RUN2-0003", Insulation, "RF18539007547034", "AR-2026-1201-002"),
                Paid(2, 432_105, null, null, null, "AR-2026-1202-001") with { PaymentInformationId = "RUN3", BatchCount = 17 },
                Paid(2, -29_999, "RUN2-0002", German, "Account closed", "AR-2026-1202-002") with { IsReturn = true, ReturnReason = "AC04" },
                Paid(3, -20_000, "RUN2-0003", Insulation, null, "AR-2026-1203-001") with { IsReturn = true },
                Paid(3, -7_500_000, null, Region, "Dotation 2026", "AR-2026-1203-002"),
                Paid(3, 5_000, "RUN4-0001", Insulation, "twin", null),
                Paid(3, 5_000, "RUN4-0001", Insulation, "twin", null) with { Occurrence = 1 },
                Paid(4, 990, null, null, "Commission de tenue de compte", "AR-2026-1204-001"),
            ],
            movements.Select(movement => movement with { Line = 0 }));
        Assert.Equal(["camt.053.001.08", Camt.OwnIban, "STMT-2026-049", "11", "1", "2026-12-01", "2026-12-04"], Told(summary));
    }

    [Fact]
    public async Task version_2()
    {
        var (movements, summary) = await ReadAsync("camt.053.001.02.xml");

        Assert.Equal(
            [
                Paid(2, 31_000, "RUN0-0001", Company, "Aide 0001", "20261102-7"),
                Paid(2, 9_000, "RUN0-0002", German, null, "20261102-8"),
                Paid(2, 6_000, "RUN0-0003", Insulation, null, "20261102-8"),
                Paid(3, -6_000, "RUN0-0003", Insulation, "Account closed", "20261103-1") with { IsReturn = true, ReturnReason = "AC01" },
            ],
            movements.Select(movement => movement with { Line = 0, BookingDate = movement.BookingDate.AddMonths(1) }));
        Assert.Equal(["camt.053.001.02", Camt.OwnIban, "STMT-2026-044", "4", "0", "2026-11-02", "2026-11-03"], Told(summary));
    }

    [Fact]
    public async Task csv()
    {
        var (movements, summary) = await ReadAsync("statement.csv");

        Assert.Equal(
            [
                Paid(1, 125_040, "RUN1-0001", Company, "Aide aux travaux, dossier \"A-17\"", null) with { Line = 2 },
                Paid(2, -29_999, "RUN2-0002", German, "Returned", null) with { Line = 3, IsReturn = true },
                Paid(3, 5_000, null, Insulation, "two lines", null) with { Line = 4 },
                Paid(3, 5_000, null, Insulation, "two lines", null) with { Line = 6, Occurrence = 1 },
                Paid(4, 990, null, null, null, null) with { Line = 7 },
            ],
            movements);
        Assert.Equal(["csv", "", "", "5", "0", "2026-12-01", "2026-12-04"], Told(summary));
    }

    [Fact]
    public async Task the_line_is_where_the_movement_begins()
    {
        var (movements, _) = await ReadAsync("camt.053.001.08.xml");
        var lines = await File.ReadAllLinesAsync(Reading.Sample("camt.053.001.08.xml"), TestContext.Current.CancellationToken);
        Assert.All(movements, movement => Assert.Matches("<(TxDtls|Btch|Ntry)>", lines[movement.Line - 1]));
    }

    [Fact]
    public async Task a_statement_is_read_once_and_its_summary_comes_at_the_end()
    {
        await using var file = File.OpenRead(Reading.Sample("statement.csv"));
        var reading = await StatementReader.OpenAsync(file, null, TestContext.Current.CancellationToken);
        Assert.Throws<InvalidOperationException>(() => reading.Summary);
        Assert.Equal(5, await reading.ReadAsync(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
        Assert.Equal(5, reading.Summary.Movements);
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await reading.ReadAsync(TestContext.Current.CancellationToken).CountAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<(List<Movement> Movements, StatementSummary Summary)> ReadAsync(string sample)
    {
        await using var file = File.OpenRead(Reading.Sample(sample));
        return await Reading.OfAsync(file);
    }

    private static Movement Paid(int day, long cents, string? endToEndId, string? iban, string? reference, string? bankReference) =>
        new(0, new DateOnly(2026, 12, day), cents, endToEndId, iban, reference, bankReference, IsReturn: false, ReturnReason: null, PaymentInformationId: null, BatchCount: null, Occurrence: 0);

    private static string[] Told(StatementSummary summary) =>
        [summary.Format, summary.AccountIban ?? "", string.Join(' ', summary.StatementIds), $"{summary.Movements}", $"{summary.PendingIgnored}", $"{summary.From:yyyy-MM-dd}", $"{summary.To:yyyy-MM-dd}"];
}
