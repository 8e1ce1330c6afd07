using System.Diagnostics;
using System.Text.Json;
using Marketplace.Deploy.Tests.Reading;
using Marketplace.Local;
using Marketplace.Local.Processes;
using Marketplace.Testing;

namespace Marketplace.Deploy.Tests;

/// <summary>What the container <c>demonstration</c> does, told what compose tells it, in a marketplace that knows nothing of it.</summary>
public sealed class SeedTests
{
    [Fact]
    public async Task the_demonstration_is_played_through_the_public_address_and_only_once()
    {
        var folder = Directory.CreateTempSubdirectory("marketplace-seed-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        try
        {
            await using var marketplace = await LocalMarketplace.StartAsync(new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), Durable = false });
            var first = await SeedAsync(marketplace);
            Assert.True(first.Code == 0, first.Output);

            using var http = new HttpClient { BaseAddress = marketplace.Gateway };
            using var pools = JsonDocument.Parse(await http.GetStringAsync("/api/pools?limit=100"));
            var states = pools.RootElement.GetProperty("items").EnumerateArray().Select(pool => pool.GetProperty("status").GetString()).ToHashSet();
            Assert.Superset(new HashSet<string?> { "open", "scheduled", "confirmed", "failed", "settled" }, states);

            var second = await SeedAsync(marketplace);
            Assert.True(second.Code == 0, second.Output);
            Assert.Contains("nothing is played", second.Output, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(int Code, string Output)> SeedAsync(LocalMarketplace marketplace)
    {
        var deployment = await Deployment.LoadAsync();
        var arguments = deployment.Service("demonstration").Texts("command").Select(argument => argument switch
        {
            "/campaigns/demonstration.json" => Path.Combine(Deployment.Folder, "campaigns", "demonstration.json"),
            "http://gateway:8080" => marketplace.Gateway.ToString(),
            "/clock/offset" => Plan.ClockFile(marketplace.Options.Folder),
            _ => argument,
        });
        var start = new ProcessStartInfo("dotnet", [typeof(LocalMarketplace).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in deployment.ComposeSettings("demonstration", new Dictionary<string, string>
        {
            ["MARKETPLACE_ADMIN_EMAIL"] = marketplace.Secrets.AdminEmail,
            ["MARKETPLACE_ADMIN_PASSWORD"] = marketplace.Secrets.AdminPassword,
            ["MARKETPLACE_CAMPAIGN_PASSWORD"] = "0123456789abcdef0123456789abcdef",
        }))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, output + await errors);
    }
}
