using System.Diagnostics;

namespace Marketplace.PaymentSimulator.Tests;

/// <summary>The official Node SDK, an independent reader of Stripe's contract, drives the simulator.</summary>
public sealed class NodeSdkTests(Simulator simulator) : IClassFixture<Simulator>
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "node");

    [Fact]
    public async Task the_official_node_sdk_works_against_the_simulator()
    {
        await InstallAsync();
        var (exitCode, output) = await RunAsync("node", "conformance.mjs", simulator.Address.Host, $"{simulator.Address.Port}", Simulator.Key);
        Assert.True(exitCode == 0, output);
        Assert.EndsWith("all passed", output.Trim(), StringComparison.Ordinal);
    }

    private static async Task InstallAsync()
    {
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var (exitCode, output) = await RunAsync(npm, "ci", "--no-audit", "--no-fund", "--prefer-offline");
        Assert.True(exitCode == 0, $"npm could not install the official Node SDK: {output}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new InvalidOperationException($"This test needs Node.js 20 or newer: {program} cannot be started ({e.Message}).", e);
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (process.ExitCode, await errors + await output);
        }
    }
}
