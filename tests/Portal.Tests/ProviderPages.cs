using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What holds for every page of a signed-in provider and of an assessor.</summary>
[Collection(nameof(PortalFixture))]
public sealed class ProviderPages(PortalFixture portal) : IDisposable
{
    private readonly ProviderDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task of_a_provider_are_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen()
    {
        var draft = await desk.ApplyAsync(desk.Campaign, complete: false, submitted: false);
        var page = await desk.SignInAsync(desk.Campaign);
        await page.GotoAsync("/mes-packs");
        var pack = await page.Locator("main .card a").First.GetAttributeAsync("href");
        await page.GotoAsync("/mes-commandes?statut=confirmed");
        var confirmed = await page.Locator("main .card a").First.GetAttributeAsync("href");
        await page.GotoAsync(confirmed!);
        var order = await page.Locator("main td a").First.GetAttributeAsync("href");
        await CheckAsync(
            desk.Campaign,
            ["/mon-espace", "/agrement", $"/agrement/{draft}", $"/agrement/{draft}?refus=content&fichier=kbis-extract", "/mes-packs", "/mes-packs/nouveau", pack!, "/mes-commandes", confirmed!, order!, $"/mes-commandes/{portal.OpenPool}", "/mes-creances"]);
    }

    [Fact]
    public async Task of_an_assessor_are_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen()
    {
        var provider = await desk.RegisterAsync("Cyber <b>& Fils</b> 🌷");
        var submitted = await desk.ApplyAsync(provider);
        var evaluated = await desk.ApplyAsync(provider);
        await desk.EvaluateAsync(evaluated);
        var granted = await desk.ApplyAsync(provider);
        var accreditation = await desk.GrantAsync(granted);
        string[] paths = ["/mon-espace", "/instruction", "/instruction?statut=", $"/instruction/{submitted}", $"/instruction/{evaluated}", $"/instruction/{granted}", "/instruction/registre", $"/instruction/registre/{accreditation}"];
        await CheckAsync(desk.Assessor, paths);
        await CheckAsync(desk.SecondAssessor, [$"/instruction/{evaluated}"]);
    }

    private async Task CheckAsync(Local.Campaigns.Account account, string[] paths)
    {
        foreach (var (width, language, theme) in new[] { (360, "fr-FR", ColorScheme.Light), (1280, "en-GB", ColorScheme.Dark) })
        {
            var page = await desk.SignInAsync(account, width, language, theme);
            var complaints = new List<string>();
            page.Console += (_, message) => { if (message.Type is "error" or "warning") { complaints.Add(message.Text); } };
            page.PageError += (_, error) => complaints.Add(error);
            foreach (var path in paths)
            {
                Assert.Equal(200, (await page.GotoAsync(path))!.Status);
                await LookAsync(page, $"{account.Persona}-{width}-{path.Split('?')[0].Trim('/').Replace('/', '_')}");
                var violations = await Axe.ViolationsAsync(page);
                Assert.True(violations is [], $"{path}: {string.Join('\n', violations)}");
                Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} pixels.");
                Assert.Equal(language[..2], await page.EvaluateAsync<string>("document.documentElement.lang"));
            }

            Assert.Empty(complaints);
            await page.Context.CloseAsync();
        }
    }

    private static Task LookAsync(IPage page, string name) => Environment.GetEnvironmentVariable("PORTAL_PICTURES") is { Length: > 0 } folder
        ? page.ScreenshotAsync(new() { Path = Path.Combine(folder, name[..Math.Min(name.Length, 60)] + ".png"), FullPage = true })
        : Task.CompletedTask;
}
