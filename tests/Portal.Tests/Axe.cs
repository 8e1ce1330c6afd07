using System.Text.Json;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>axe-core, from npm, inside the page.</summary>
public static class Axe
{
    private static readonly NodeFolder Node = new("node");

    /// <summary>Its script; whoever reads many pages puts it into each before it loads, which is quicker than afterwards.</summary>
    public static Task<string> SourceAsync() => Node.ReadAsync("axe-core", "axe.min.js");

    /// <summary>The violations on the page as it is now, one line each.</summary>
    public static async Task<IReadOnlyList<string>> ViolationsAsync(IPage page)
    {
        if (!await page.EvaluateAsync<bool>("typeof axe === 'object'"))
        {
            await page.EvaluateAsync(await SourceAsync());
        }

        var result = await page.EvaluateAsync<JsonElement>(
            "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => `${v.id}: ${v.help} — ${v.nodes.map(n => n.html).slice(0, 3).join(' | ')}`)");
        return result.EnumerateArray().Select(v => v.GetString()!).ToList();
    }
}
