using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;

namespace Marketplace.Journeys_Tests;

/// <summary>The local run itself, with real processes.</summary>
public sealed class LocalRunTests : IDisposable
{
    private readonly string folder = TemporaryFolder.Create("marketplace-run-");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task the_next_start_ends_what_a_killed_run_left_behind_and_finds_data_and_clock_again()
    {
        var ct = TestContext.Current.CancellationToken;
        var options = new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free() };

        // Never disposed before the second start, like a run that was killed: its processes are still there.
        await using var killed = await LocalMarketplace.StartAsync(options, ct: ct);
        using (var api = new MarketplaceClient(killed.Gateway))
        {
            var admin = new Account("admin", killed.Secrets.AdminEmail, killed.Secrets.AdminPassword);
            (await api.PostAsync("/api/auth/staff", Finance(killed), admin, ct)).OrThrow();
            (await api.PostAsync("/api/local/clock", new JsonObject { ["advance"] = "P3D" }, admin, ct)).OrThrow();
        }

        await using var next = await LocalMarketplace.StartAsync(options, ct: ct);
        Assert.All(killed.Processes.Values, process => Assert.True(process.HasExited));
        Assert.False(next.Databases.AreNew);
        Assert.InRange(next.Now, TimeProvider.System.GetUtcNow().AddDays(3).AddMinutes(-1), TimeProvider.System.GetUtcNow().AddDays(3).AddMinutes(1));
        using var again = new MarketplaceClient(next.Gateway);
        var me = await again.GetAsync("/api/auth/me", new Account("finance", "f@ville.example", next.Secrets.CampaignPassword), ct);
        Assert.Equal("f@ville.example", me.OrThrow().Text("email"));

        var processes = next.Processes.Values.ToList();
        Assert.Equal(["accreditation", "catalog", "gateway", "payment-simulator", "pooled-orders", "sidecar", "subsidies"], processes.Select(process => process.Plan.Name).Order());
        Assert.InRange(next.Memory.Shared, 100, 4000);
        var ids = processes.Select(process => process.Id).ToList();
        await next.DisposeAsync();
        Assert.All(ids, id => Assert.Throws<ArgumentException>(() => System.Diagnostics.Process.GetProcessById(id)));
    }

    [Fact]
    public async Task a_process_that_cannot_start_is_told_with_its_last_words_and_nothing_is_left_behind()
    {
        var options = new LocalMarketplaceOptions
        {
            Folder = folder,
            Ports = Ports.Free(),
            Durable = false,
            Settings = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["catalog"] = new Dictionary<string, string> { ["Identity__PublicKey"] = "nonsense" } },
        };
        var refused = await Assert.ThrowsAsync<CannotStartException>(() => LocalMarketplace.StartAsync(options, ct: TestContext.Current.CancellationToken));
        Assert.StartsWith("catalog ended during the start. Its last lines:", refused.Message);
        Assert.Contains("Exception", refused.Message);
        options.Ports.Check(options.Ports.Names);
    }

    [Fact]
    public async Task a_busy_port_is_named_with_who_wants_it_and_nothing_is_started()
    {
        var ports = Ports.Free();
        using var other = new TcpListener(IPAddress.Loopback, ports[Ports.Subsidies]);
        other.Start();
        var options = new LocalMarketplaceOptions { Folder = folder, Ports = ports };
        var refused = await Assert.ThrowsAsync<CannotStartException>(() => LocalMarketplace.StartAsync(options, ct: TestContext.Current.CancellationToken));
        Assert.Equal($"Port {ports[Ports.Subsidies]}, which subsidies wants, is in use by another program. Stop it, and start again.", refused.Message);
        Assert.False(Directory.Exists(Path.Combine(folder, "postgres")));
    }

    [Fact]
    public async Task starting_over_where_nothing_was_yet_is_fine()
    {
        var empty = Path.Combine(folder, "not", "there", "yet");
        await StartOver.RunAsync(empty);
        Assert.Empty(Directory.EnumerateFileSystemEntries(empty));
    }

    [Fact]
    public void secrets_are_kept_where_only_their_owner_can_read_them()
    {
        var secrets = Secrets.Of(folder);
        Assert.Equal(secrets.IdentityKey, Secrets.Of(folder).IdentityKey);
        Assert.DoesNotContain(secrets.DaprApiToken, secrets.ToString());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "secrets.json")));
        }
    }

    private static JsonObject Finance(LocalMarketplace marketplace) => new()
    {
        ["email"] = "f@ville.example",
        ["password"] = marketplace.Secrets.CampaignPassword,
        ["displayName"] = "Finances",
        ["roles"] = new JsonArray("finance"),
    };
}
