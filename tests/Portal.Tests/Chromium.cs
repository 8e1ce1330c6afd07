using System.Diagnostics;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>The machine's Chromium; where there is none, Debian's is installed.</summary>
public static class Chromium
{
    private static readonly string[] Names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    private static readonly string[] Flags =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    /// <summary>A running browser.</summary>
    public static async Task<IBrowser> LaunchAsync(IPlaywright playwright) =>
        await playwright.Chromium.LaunchAsync(new() { ExecutablePath = await PathAsync(), Headless = true, Args = Flags });

    private static async Task<string> PathAsync()
    {
        if (Names.FirstOrDefault(File.Exists) is { } installed)
        {
            return installed;
        }

        foreach (var command in new[] { "apt-get update", "apt-get install -y --no-install-recommends chromium fonts-dejavu-core" })
        {
            using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"DEBIAN_FRONTEND=noninteractive {command} 2>&1"]) { RedirectStandardOutput = true })!;
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            if (process.ExitCode != 0)
            {
                throw new InvalidOperationException($"These tests need Chromium; '{command}' failed: {output[^Math.Min(output.Length, 2_000)..]}");
            }
        }

        return Names.First(File.Exists);
    }
}
