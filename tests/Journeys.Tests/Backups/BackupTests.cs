using Dapper;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;
using Marketplace.LocalPostgres;
using Npgsql;

namespace Marketplace.Journeys_Tests.Backups;

/// <summary>A backup is taken while businesses join and pools close; everything after it is lost, and it is restored.</summary>
public sealed class BackupTests : IDisposable
{
    private const double MomentOfTheBackup = 0.6;
    private static readonly string[] Services = ["catalog", "pooled_orders", "accreditation", "subsidies"];
    private readonly string folder = TemporaryFolder.Create("marketplace-backup-");

    private string BackupFolder => Path.Combine(folder, "backup");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task what_was_dumped_under_way_is_restored_to_services_that_agree_with_each_other_and_a_ledger_that_verifies()
    {
        var ct = TestContext.Current.CancellationToken;
        var options = new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), Durable = false, RateLimits = false };
        await using (var marketplace = await LocalMarketplace.StartAsync(options, ct: ct))
        {
            Task<(int ExitCode, string Output)>? backup = null;
            var outcome = await PlayCampaign.RunAsync(
                marketplace, ReadCampaign.FromFile(Checkout.DemonstrationCampaign),
                progress => backup ??= progress.Done >= progress.Total * MomentOfTheBackup ? PostgresPrograms.RunAsync(marketplace.Postgres!, Script("backup"), [BackupFolder], ct) : null, ct);
            Assert.Empty(outcome.Refusals);
            Assert.Equal((0, true), ((await backup!).ExitCode, Directory.Exists(BackupFolder)));
        }

        await RestoreAsync(ct);

        await using var restored = await LocalMarketplace.StartAsync(options, ct: ct);
        await UntilNothingIsOnItsWayAsync(restored, ct);
        await ServicesAgreeAsync(restored, ct);

        using var api = new MarketplaceClient(restored.Gateway);
        var admin = new Account("admin", restored.Secrets.AdminEmail, restored.Secrets.AdminPassword);
        (await api.PostAsync("/api/local/clock", new System.Text.Json.Nodes.JsonObject { ["advance"] = "P40D" }, admin, ct)).OrThrow();
        await UntilNothingIsOnItsWayAsync(restored, ct);
        await ServicesAgreeAsync(restored, ct);
        Assert.All(await api.ListAsync("/api/pools", null, ct), pool => Assert.Contains(pool.GetProperty("status").GetString(), (string[])["confirmed", "failed", "fulfilling", "settled"]));
        var finance = new Account("finance", "finances@ville.example", restored.Secrets.CampaignPassword);
        var verification = (await api.GetAsync("/api/subsidies/ledger/verification", finance, ct)).OrThrow().Body;
        Assert.True(verification.GetProperty("entries").GetInt64() > 0);
        Assert.True(verification.GetProperty("balanced").GetBoolean() && verification.GetProperty("chainIntact").GetBoolean());
    }

    [Fact]
    public async Task a_backup_that_is_not_whole_or_would_overwrite_something_is_not_restored()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var server = await PostgresServer.StartAsync(Path.Combine(folder, "postgres"), new PostgresOptions(Durable: false), ct);
        await server.CreateDatabaseAsync("one", ct: ct);
        await using (var db = new NpgsqlConnection(server.ConnectionString("one") + ";Pooling=false"))
        {
            await db.ExecuteAsync("create table fact (at timestamptz); create table outbox (); create table inbox (); create table idempotency (); create table republish (since timestamptz); insert into fact values ('2026-11-22')");
        }

        var one = ("DATABASES", "one");
        Assert.Equal(0, (await PostgresPrograms.RunAsync(server, Script("backup"), [BackupFolder], ct, one)).ExitCode);
        Assert.Contains("is there already", (await PostgresPrograms.RunAsync(server, Script("backup"), [BackupFolder], ct, one)).Output);
        Assert.Contains("holds something", (await PostgresPrograms.RunAsync(server, Script("restore"), [BackupFolder], ct, one)).Output);
        Assert.Equal((0, "1"), await RestoredRowsAsync());

        await using (var dump = File.OpenWrite(Path.Combine(BackupFolder, "one.dump")))
        {
            dump.SetLength(dump.Length - 1);
        }

        Assert.Contains("is not whole", (await PostgresPrograms.RunAsync(server, Script("restore"), [BackupFolder, "--replace"], ct, one)).Output);

        async Task<(int, string)> RestoredRowsAsync()
        {
            var (exitCode, _) = await PostgresPrograms.RunAsync(server, Script("restore"), [BackupFolder, "--replace"], ct, one);
            await using var db = new NpgsqlConnection(server.ConnectionString("one") + ";Pooling=false");
            return (exitCode, await db.ExecuteScalarAsync<string>("select count(*)::text from fact f join republish r on r.since = f.at - interval '1 day'") ?? "");
        }
    }

    /// <summary>The payment provider keeps what it has; the broker's queues are emptied, as the script asks.</summary>
    private async Task RestoreAsync(CancellationToken ct)
    {
        await using var server = await PostgresServer.StartAsync(Path.Combine(folder, "postgres"), new PostgresOptions(Durable: false), ct);
        await PostgresPrograms.DoAsync(server, "psql", ["-c", "drop database sidecar", "postgres"], ct);
        await PostgresPrograms.DoAsync(server, Script("restore"), [BackupFolder, "--replace"], ct);
    }

    private static async Task UntilNothingIsOnItsWayAsync(LocalMarketplace marketplace, CancellationToken ct)
    {
        for (var quiet = 0; quiet < 5; await Task.Delay(200, ct))
        {
            var waiting = await CountAsync(marketplace, "sidecar", "select count(*) from sidecar.delivery");
            foreach (var service in Services)
            {
                waiting += await CountAsync(marketplace, service, "select count(*) from outbox");
            }

            quiet = waiting == 0 ? quiet + 1 : 0;
        }
    }

    private static async Task ServicesAgreeAsync(LocalMarketplace marketplace, CancellationToken ct)
    {
        var placed = await RowsAsync(
            marketplace, "pooled_orders",
            "select id::text || case when status in ('withdrawn', 'released', 'defaulted', 'cancelled') then ' over' else '' end from commitment where cardinality((select programme_ids from pool where pool.id = pool_id)) > 0");
        var aided = await RowsAsync(marketplace, "subsidies", "select id::text || case when status = 'released' then ' over' else '' end from commitment");
        Assert.NotEmpty(placed);
        Assert.Equal(placed, aided);
        Assert.Equal(
            await RowsAsync(marketplace, "pooled_orders", "select id::text || ' ' || aid_status from commitment where aid_status in ('reserved', 'granted')"),
            await RowsAsync(marketplace, "subsidies", "select id::text || ' ' || status from commitment where status in ('reserved', 'granted')"));
        Assert.Equal(0, await CountAsync(marketplace, "sidecar", "select count(*) from sidecar.dead_letter"));
        ct.ThrowIfCancellationRequested();
    }

    private static async Task<long> CountAsync(LocalMarketplace marketplace, string database, string sql)
    {
        await using var db = new NpgsqlConnection(marketplace.Databases.ConnectionString(database));
        return await db.ExecuteScalarAsync<long>(sql);
    }

    private static async Task<List<string>> RowsAsync(LocalMarketplace marketplace, string database, string sql)
    {
        await using var db = new NpgsqlConnection(marketplace.Databases.ConnectionString(database));
        return [.. (await db.QueryAsync<string>(sql)).Order(StringComparer.Ordinal)];
    }

    private static string Script(string name) => Path.Combine(Checkout.Root, "deploy", "backup", $"{name}.sh");
}
