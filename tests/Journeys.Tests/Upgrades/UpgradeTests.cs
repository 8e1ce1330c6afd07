using System.IO.Compression;
using Dapper;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;
using Marketplace.LocalPostgres;
using Npgsql;

namespace Marketplace.Journeys_Tests.Upgrades;

/// <summary>
/// The databases of the previous version, with a campaign played from grant to bank, under today's programs; and today's
/// schema under the previous programs, which still run while instances are replaced one by one. At a release the dumps in
/// <c>previous/</c> are replaced: <c>play … --through bank --keep</c>, then pg_dump of each database, without sign-in data.
/// </summary>
public sealed class UpgradeTests : IDisposable
{
    private static readonly string[] Names = ["catalog", "pooled_orders", "accreditation", "subsidies", "gateway"];

    /// <summary>The clock of the play when the databases were dumped.</summary>
    private static readonly DateTimeOffset DumpedAt = new(2027, 1, 13, 12, 0, 0, TimeSpan.Zero);

    /// <summary>New rules on known tables that nothing the previous programs write can break, looked at one by one: of a new column with a default; wider than before.</summary>
    private static readonly string[] Harmless = ["gateway: account: account_language_check", "gateway: account: account_roles_check"];

    private readonly string folder = TemporaryFolder.Create("marketplace-upgrade-");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task the_data_of_the_previous_version_goes_on_and_its_programs_find_the_schema_they_know()
    {
        var ct = TestContext.Current.CancellationToken;
        await using (var server = await PostgresServer.StartAsync(Path.Combine(folder, "postgres"), new PostgresOptions(Durable: false), ct))
        {
            foreach (var name in Names)
            {
                await LoadAsync(server, name, ct);
                await server.CreateDatabaseAsync($"previous_{name}", template: name, ct: ct);
            }
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "clock"), $"{(long)(DumpedAt - TimeProvider.System.GetUtcNow()).TotalSeconds}", ct);
        var admin = new Dictionary<string, string> { ["MARKETPLACE_ADMIN_EMAIL"] = "upgrade@ville.example" };
        var options = new LocalMarketplaceOptions
        {
            Folder = folder,
            Ports = Ports.Free(),
            Durable = false,
            Settings = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["gateway"] = admin },
        };
        await using var marketplace = await LocalMarketplace.StartAsync(options, ct: ct);
        await TheCampaignIsStillPaidOrExplainedAsync(marketplace, ct);
        foreach (var name in Names)
        {
            var breaks = Schema.Breaks(await SchemaAsync(marketplace, $"previous_{name}"), await SchemaAsync(marketplace, name)).Select(fault => $"{name}: {fault}");
            Assert.Equal([], breaks.ExceptBy(Harmless, fault => fault.Split(" is ")[0]));
        }
    }

    private static async Task TheCampaignIsStillPaidOrExplainedAsync(LocalMarketplace marketplace, CancellationToken ct)
    {
        using var api = new MarketplaceClient(marketplace.Gateway);
        var admin = new Account("admin", "upgrade@ville.example", marketplace.Secrets.AdminPassword);
        var finance = new Account("finance", "new@ville.example", marketplace.Secrets.CampaignPassword);
        (await api.PostAsync("/api/auth/staff", new System.Text.Json.Nodes.JsonObject { ["email"] = finance.Email, ["password"] = finance.Password, ["displayName"] = "New", ["roles"] = new System.Text.Json.Nodes.JsonArray("finance") }, admin, ct)).OrThrow();

        Assert.Equal(4, (await api.ListAsync("/api/pools?status=settled", null, ct)).Count);
        var verification = (await api.GetAsync("/api/subsidies/ledger/verification", finance, ct)).OrThrow().Body;
        Assert.Equal(359, verification.GetProperty("entries").GetInt64());
        Assert.True(verification.GetProperty("balanced").GetBoolean() && verification.GetProperty("chainIntact").GetBoolean());
        var reconciliation = (await api.GetAsync("/api/subsidies/reconciliation", finance, ct)).OrThrow().Body;
        Assert.Equal((5, 1_328_862L), (reconciliation.GetProperty("ordered").GetProperty("count").GetInt32(), reconciliation.GetProperty("ordered").GetProperty("cents").GetInt64()));
        Assert.Equal(0, reconciliation.GetProperty("differenceCents").GetInt64());

        var rejected = Assert.Single(await api.ListAsync("/api/subsidies/programmes", finance, ct), programme => programme.GetProperty("funder").GetString() == "Ville");
        var run = await api.PostAsync("/api/subsidies/payment-runs", new System.Text.Json.Nodes.JsonObject { ["programmeId"] = rejected.GetProperty("id").GetString(), ["executionDate"] = "2027-01-15" }, finance, ct);
        Assert.Equal(196_436, run.OrThrow().Body.GetProperty("totalCents").GetInt64());
    }

    private static async Task LoadAsync(PostgresServer server, string name, CancellationToken ct)
    {
        await server.CreateDatabaseAsync(name, ct: ct);
        var file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.sql");
        await using (var packed = new GZipStream(File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Upgrades", "previous", $"{name}.sql.gz")), CompressionMode.Decompress))
        await using (var plain = File.Create(file))
        {
            await packed.CopyToAsync(plain, ct);
        }

        await PostgresPrograms.DoAsync(server, "psql", ["-Xq", "-v", "ON_ERROR_STOP=1", "-f", file, name], ct);
        File.Delete(file);
    }

    private static async Task<Schema> SchemaAsync(LocalMarketplace marketplace, string name)
    {
        await using var db = new NpgsqlConnection(marketplace.Postgres!.ConnectionString(name) + ";Pooling=false");
        return await Schema.ReadAsync(db);
    }
}
