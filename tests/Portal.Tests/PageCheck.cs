using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>
/// What holds for every page wherever it is read: axe finds nothing, it is no wider than its window, its language is the
/// reader's and the browser has nothing to complain of. Loaded once, looked at on a phone and a screen in both themes.
/// </summary>
internal static partial class PageCheck
{
    private static readonly (int Width, ColorScheme Theme)[] Views = [(360, ColorScheme.Light), (360, ColorScheme.Dark), (1280, ColorScheme.Dark), (1280, ColorScheme.Light)];

    /// <summary>Loads each path and looks at it; what is wrong with any of them, one line each.</summary>
    public static async Task<IReadOnlyList<string>> ReadAsync(IPage page, string language, IEnumerable<string> paths)
    {
        var (wrong, here) = (new List<string>(), "");
        await page.AddInitScriptAsync(await Axe.SourceAsync());
        page.Console += (_, message) => Complain(message.Type is "error" or "warning" && !message.Text.Contains("404", StringComparison.Ordinal), message.Text);
        page.PageError += (_, error) => Complain(true, error);
        foreach (var path in paths)
        {
            here = $"{path} ({language})";
            var status = (await page.GotoAsync(path))!.Status;
            Complain(status != 200 && path != "/introuvable", $"status {status}");
            Complain(await page.EvaluateAsync<string>("document.documentElement.lang") != language, "not in this language");
            foreach (var (width, theme) in Views)
            {
                here = $"{path} ({language}, {width} pixels, {theme})";
                await page.SetViewportSizeAsync(width, 900);
                await page.EmulateMediaAsync(new() { ColorScheme = theme, ReducedMotion = ReducedMotion.Reduce });
                foreach (var violation in await Axe.ViolationsAsync(page))
                {
                    Complain(true, violation);
                }

                Complain(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth > innerWidth"), "wider than its window");
                await KeepPictureAsync(page, $"{Unfit().Replace(path.Trim('/'), "_")}-{language}-{width}-{theme}");
            }
        }

        return wrong;

        void Complain(bool so, string about)
        {
            if (so)
            {
                wrong.Add($"{here}: {about}");
            }
        }
    }

    /// <summary>Into the folder that <c>PORTAL_PICTURES</c> names, for people to look at.</summary>
    private static async Task KeepPictureAsync(IPage page, string name)
    {
        if (Environment.GetEnvironmentVariable("PORTAL_PICTURES") is { Length: > 0 } folder)
        {
            await page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png"), FullPage = true });
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f-]{27}|[^a-z0-9-]")]
    private static partial Regex Unfit();
}
