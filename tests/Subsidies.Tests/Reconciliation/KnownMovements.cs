using System.Net;
using Dapper;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Reconciliation;

/// <summary>What was imported is not imported again, however it comes again.</summary>
[Collection(SharedReconcilingService.Name)]
public sealed class KnownMovements(ReconcilingService reconciling, TestPostgres postgres)
{
    private Bank Bank => reconciling.Bank;

    [Fact]
    public async Task the_same_file_changes_nothing_under_the_same_key_or_another()
    {
        var transfers = await Bank.OrderAsync(100_00, 200_00);
        var csv = Bank.Csv(new Line(100_00, transfers[0].EndToEndId), new Line(150_00, transfers[1].EndToEndId));
        var key = Guid.NewGuid().ToString();
        var first = await Bank.SendAsync(csv, key: key);
        Assert.Equal((2, 0, 1, 1), Bank.Counts(first));

        var replay = await Bank.SendAsync(csv, key: key);
        Assert.Equal("true", Assert.Single(replay.Headers.GetValues("Idempotency-Replayed")));
        Assert.Equal(first.Body.GetRawText(), replay.Body.GetRawText());
        var again = await Bank.SendAsync(csv);
        Assert.Equal((0, 2, 0, 0), Bank.Counts(again));
        Assert.Equal(first.Body.GetProperty("id").GetGuid(), again.Body.GetProperty("id").GetGuid());
        Assert.Equal("idempotency-key-reused", (await Bank.SendAsync(csv + "\n", key: key)).Problem);

        await Bank.AssertStateAsync(transfers[0], "paid", ("paid", 100_00, 100_00));
        await Bank.OneOpenAsync(transfers[0], "partial");
    }

    [Fact]
    public async Task of_overlapping_files_only_what_is_new_is_imported_and_true_twins_are_two()
    {
        var transfers = await Bank.OrderAsync(100_00, 200_00, 300_00);
        var lines = transfers.Select(t => new Line(t.Cents, t.EndToEndId, t.Iban)).ToArray();
        Assert.Equal((2, 0, 2, 0), Bank.Counts(await Bank.ImportAsync(lines[0], lines[1])));

        Assert.Equal((1, 2, 1, 0), Bank.Counts(await Bank.ImportAsync(lines[2], lines[1], lines[0])));
        Assert.Equal((1, 3, 0, 1), Bank.Counts(await Bank.ImportAsync(lines[0], lines[0], lines[1], lines[2])));
        Assert.Equal((0, 2, 0, 0), Bank.Counts(await Bank.ImportAsync(lines[0], lines[0])));

        await Bank.OneOpenAsync(transfers[0], "duplicate");
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task two_instances_that_import_the_same_file_at_the_same_instant_import_it_once()
    {
        var transfers = await Bank.OrderAsync([.. Enumerable.Range(1, 8).Select(i => i * 10_00L)]);
        await using var other = await ServiceProcess.StartAsync("services/Subsidies", Bank.Service.ConnectionString, Bank.Service.Identity, ServiceDone.Debtor);
        var csv = Bank.Csv(transfers.Select(t => new Line(t.Cents, t.EndToEndId)));

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Bank.SendAsync(csv, client: i % 2 == 0 ? Bank.Service.Http : other.Http)));

        Assert.Equal([(0, 8, 0, 0), (0, 8, 0, 0), (0, 8, 0, 0), (0, 8, 0, 0), (0, 8, 0, 0), (8, 0, 8, 0)], answers.Select(Bank.Counts).Order());
        Assert.Single(answers.Select(a => a.Body.GetProperty("id").GetGuid()).Distinct());
        Assert.Empty(await Bank.OpenAsync(transfers[0]));
        await Bank.AssertVerifiedAsync();
    }

    [Fact]
    public async Task overlapping_files_at_the_same_instant_import_each_movement_once()
    {
        var transfers = await Bank.OrderAsync([.. Enumerable.Range(1, 6).Select(i => i * 10_00L)]);
        var lines = transfers.Select(t => new Line(t.Cents, t.EndToEndId)).ToList();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Bank.ImportAsync(lines.Skip(i).Concat(lines.Take(i)))));

        Assert.Equal(6, answers.Sum(a => Bank.Counts(a).Imported));
        Assert.Empty(await Bank.OpenAsync(transfers[0]));
        await Bank.AssertVerifiedAsync();
    }

    [Theory]
    [InlineData(300)]
    [InlineData(1_000)]
    public async Task an_import_that_dies_midway_leaves_nothing_and_can_be_repeated(int milliseconds)
    {
        var database = await postgres.NewDatabaseAsync();
        var dying = new Bank(await ServiceProcess.StartAsync("services/Subsidies", database, settings: ServiceDone.Debtor));
        var transfer = (await dying.OrderAsync(100_00))[0];
        var noise = Enumerable.Range(0, 20_000).Select(i => new Line(i + 1, $"NOISE-{i}", Reference: "paid for something else by the same town so that the file becomes as long as files of banks are"));
        var csv = Bank.Csv(noise.Prepend(new Line(100_00, transfer.EndToEndId)));
        Assert.True(csv.Length > 2 << 20);
        var import = dying.SendAsync(csv);
        await Task.WhenAny(import, Task.Delay(milliseconds));
        await dying.Service.KillAsync();
        var wasAnswered = import.IsCompletedSuccessfully;
        await import.ContinueWith(_ => { }, TaskScheduler.Default);
        await dying.Service.DisposeAsync();

        await using var service = await ServiceProcess.StartAsync("services/Subsidies", database, settings: ServiceDone.Debtor);
        await using var db = new NpgsqlConnection(database);
        var stored = await db.QuerySingleAsync<int>("select count(*)::int from bank_movement");
        Assert.True(stored > 0 || !wasAnswered);
        Assert.True(stored is 0 or 20_001);
        var bank = new Bank(service);
        Assert.Equal((20_001 - stored, stored), (Bank.Counts(await bank.SendAsync(csv)) is var (imported, known, _, _) ? (imported, known) : default));
        await bank.AssertStateAsync(transfer, "paid", ("paid", 100_00, 100_00));
        await bank.ReconciliationAsync(transfer.Programme);
        await bank.AssertVerifiedAsync();
    }
}
