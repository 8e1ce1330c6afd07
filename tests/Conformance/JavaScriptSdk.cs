using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using Marketplace.Conformance.Bench;

namespace Marketplace.Conformance;

/// <summary>The official Dapr SDK for JavaScript as a client that shares no mistake with ours.</summary>
public class JavaScriptSdk(Postgres postgres)
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "node");

    [Fact]
    public async Task the_official_sdk_publishes_subscribes_and_reads_metadata()
    {
        if (!File.Exists(Path.Combine(Folder, "node_modules", "@dapr", "dapr", "package.json")))
            await RunAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund"]);
        var appPort = TestApp.FreePort();
        await using var bench = await SidecarBench.CreateAsync(postgres, SidecarBench.Component, [("app", appPort)], "DAPR_API_TOKEN=sdk-token", "Sidecar:PublishWaitMs=10000");
        await bench.StartAsync();

        var output = await RunAsync("node", ["client.mjs", $"{bench.Port()}", $"{appPort}", "sdk-token"]);
        var seen = JsonDocument.Parse(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1]).RootElement;

        Assert.All(seen.GetProperty("published").EnumerateArray(), answer => Assert.False(answer.TryGetProperty("error", out _), answer.GetRawText()));
        Assert.Equal(0, seen.GetProperty("bulk").GetProperty("failedMessages").GetArrayLength());
        Assert.Contains("ERR_PUBSUB_NOT_FOUND", seen.GetProperty("unknown").GetString());

        var received = seen.GetProperty("received").EnumerateArray().ToList();
        Assert.Equal(4, received.Count(one => one.GetProperty("topic").GetString() == "js"));
        Assert.Equal(3, received.Count(one => one.GetProperty("topic").GetString() == "js-bulk"));
        Assert.All(received, one => Assert.Equal("bus", one.GetProperty("pubsubname").GetString()));
        var data = received.Select(one => one.GetProperty("data").GetRawText()).Order(StringComparer.Ordinal);
        Assert.Equal(new[] { "\"as json\"", "\"plain words\"", "\"three\"", """{"order":1}""", """{"order":2}""", """{"order":4}""", """{"own":true}""" }.Order(StringComparer.Ordinal), data);

        var metadata = seen.GetProperty("metadata");
        Assert.Equal("app", metadata.GetProperty("id").GetString());
        Assert.Equal("sdk", metadata.GetProperty("extended").GetProperty("owner").GetString());
    }

    private static async Task<string> RunAsync(string program, string[] arguments)
    {
        using var process = Start(program, arguments);
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{await errors}");
        return output;
    }

    private static Process Start(string program, string[] arguments)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"'{program}' was not found. This test drives the sidecar with the official Dapr SDK: install Node.js 20 or later with npm.");
        }
    }
}
