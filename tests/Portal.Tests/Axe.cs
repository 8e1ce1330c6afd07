using System.Text.Json;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>axe-core, from npm, inside the page.</summary>
public static class Axe
{
    private static readonly NodeFolder Node = new("node");

    /// <summary>The violations on the page as it is now, one line each.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page)
    {
        await page.EvaluateAsync(await Node.ReadAsync("axe-core", "axe.min.js"));
        var result = await page.EvaluateAsync<JsonElement>("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.help} — ${v.nodes.map(n => n.html).slice(0, 3).join(' | ')}`)");
        return result.EnumerateArray().Select(v => v.GetString()!).ToList();
    }
}
