using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What holds for every page that anyone may read.</summary>
[Collection(nameof(PortalFixture))]
public sealed class EveryPage(PortalFixture portal)
{
    private const int MostBytes = 60_000;

    public static TheoryData<string> Paths =>
    [
        "/", "/groupements", "/groupements/{pool}", "/packs", "/packs/comparaison", "/prestataires", "/financements", "/urgence", "/aide", "/connexion", "/inscription", "/deconnexion", "/introuvable",
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task is_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen(string path)
    {
        foreach (var (width, language, theme) in new[] { (360, "fr-FR", ColorScheme.Light), (1280, "en-GB", ColorScheme.Dark) })
        {
            var page = await portal.NewReaderAsync(width, language, theme);
            var complaints = new List<string>();
            page.Console += (_, message) => { if (message.Type is "error" or "warning") { complaints.Add(message.Text); } };
            page.PageError += (_, error) => complaints.Add(error);
            await page.GotoAsync(Address(path));

            Assert.Empty(await Axe.ViolationsAsync(page));
            Assert.Equal(language[..2], await page.EvaluateAsync<string>("document.documentElement.lang"));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{path} is wider than {width} pixels.");
            Assert.DoesNotContain(complaints, c => !c.Contains("404", StringComparison.Ordinal));
            await page.Context.CloseAsync();
        }
    }

    [Fact]
    public async Task the_first_page_is_light()
    {
        var page = await portal.NewReaderAsync();
        await page.GotoAsync("/", new() { WaitUntil = WaitUntilState.NetworkIdle });
        var sizes = await page.EvaluateAsync<Dictionary<string, int>>(
            "() => Object.fromEntries(performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).map(e => [e.name, e.transferSize]))");
        Assert.InRange(sizes.Values.Sum(), 1, MostBytes);
        Assert.InRange(sizes.Where(s => s.Key.EndsWith(".js", StringComparison.Ordinal)).Sum(s => s.Value), 1, 20_000);
    }

    [Fact]
    public async Task works_without_scripts()
    {
        var page = await portal.NewReaderAsync(360, scripts: false);
        await page.GotoAsync("/groupements?statut=open");
        await page.GetByRole(AriaRole.Link, new() { Name = "Antivirus pour les commerces" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Antivirus pour les commerces");
        await page.GetByText("Menu").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "English" }).ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
    }

    [Fact]
    public async Task an_unknown_address_is_a_page_of_ours_with_status_404()
    {
        var page = await portal.NewReaderAsync();
        foreach (var path in new[] { "/nulle-part", $"/groupements/{Guid.NewGuid()}", $"/packs/{Guid.NewGuid()}" })
        {
            Assert.Equal(404, (await page.GotoAsync(path))!.Status);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Cette page n'existe pas");
        }
    }

    private string Address(string path) => path.Replace("{pool}", $"{portal.OpenPool}", StringComparison.Ordinal);
}
