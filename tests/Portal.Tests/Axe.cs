using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>axe-core, from npm, inside the page.</summary>
public static class Axe
{
    private static readonly Lazy<Task<string>> Source = new(LoadAsync);

    /// <summary>The violations on the page as it is now, one line each.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page)
    {
        await page.EvaluateAsync(await Source.Value);
        var result = await page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.help} — ${v.nodes.map(n => n.html).slice(0, 3).join(' | ')}`)");
        return result.EnumerateArray().Select(v => v.GetString()!).ToList();
    }

    private static async Task<string> LoadAsync()
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "node");
        var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"]) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        using var npm = Process.Start(start)!;
        var output = npm.StandardOutput.ReadToEndAsync();
        var errors = await npm.StandardError.ReadToEndAsync();
        await npm.WaitForExitAsync();
        Assert.True(npm.ExitCode == 0, $"npm could not install axe-core: {errors}{await output}");
        return await File.ReadAllTextAsync(Path.Combine(folder, "node_modules", "axe-core", "axe.min.js"));
    }
}
