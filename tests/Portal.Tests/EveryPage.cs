using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What holds for every page of the portal, whoever reads it.</summary>
public sealed class EveryPage(PortalFixture portal) : IDisposable
{
    private const int MostBytes = 60_000;
    private readonly Samples samples = new(portal);

    public static TheoryData<string> Readers => [.. Visits.Readers];

    public void Dispose() => samples.Dispose();

    [Theory]
    [MemberData(nameof(Readers))]
    public async Task is_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen(string reader)
    {
        var (who, real) = await samples.OfAsync(reader);
        var wrong = await Task.WhenAll(new[] { "fr", "en" }.Select(async language =>
        {
            var page = who is null ? await portal.NewReaderAsync(language: language) : await samples.SignInAsync(who, language);
            var found = await PageCheck.ReadAsync(page, language, Visits.Of(reader, real));
            await page.Context.CloseAsync();
            return found;
        }));
        Assert.Empty(wrong.SelectMany(w => w));
    }

    [Fact]
    public void is_visited() => Assert.Empty(Visits.Missing());

    [Fact]
    public async Task that_comes_first_is_light()
    {
        var page = await portal.NewReaderAsync();
        await page.GotoAsync("/", new() { WaitUntil = WaitUntilState.NetworkIdle });
        var sizes = await page.EvaluateAsync<Dictionary<string, int>>(
            "() => Object.fromEntries(performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).map(e => [e.name, e.transferSize]))");
        Assert.InRange(sizes.Values.Sum(), 1, MostBytes);
        Assert.InRange(sizes.Where(s => s.Key.EndsWith(".js", StringComparison.Ordinal)).Sum(s => s.Value), 1, 20_000);
    }

    [Fact]
    public async Task at_an_unknown_address_is_one_of_ours_with_status_404()
    {
        var page = await portal.NewReaderAsync();
        foreach (var path in new[] { "/nulle-part", $"/groupements/{Guid.NewGuid()}", $"/packs/{Guid.NewGuid()}" })
        {
            Assert.Equal(404, (await page.GotoAsync(path))!.Status);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Cette page n'existe pas");
        }
    }
}
