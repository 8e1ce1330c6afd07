using System.Net;
using System.Text.RegularExpressions;
using Marketplace.Local.Campaigns;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What holds for every page of finance staff and of the buyer.</summary>
[Collection(nameof(PortalFixture))]
public sealed partial class FinancePages(PortalFixture portal) : IDisposable
{
    private readonly FinanceDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task of_finance_are_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        await desk.ServiceDoneAsync(programme);
        var run = await desk.ApprovedRunAsync(programme);
        var grant = (await desk.GrantsAsync(programme))[0].Id;
        var page = await desk.SignInAsync(desk.Finance);
        await FinanceDesk.SendAsync(page, desk.Statement((run.EndToEndId, run.Iban, run.Cents), (run.EndToEndId, run.Iban, run.Cents)));
        await page.WaitForURLAsync("**/finances/releves/*");
        var statement = new Uri(page.Url).AbsolutePath;
        await page.GotoAsync("/finances/ecarts?nature=duplicate");
        var exception = await page.Locator("tbody th a").First.GetAttributeAsync("href");
        await page.GotoAsync("/finances/comptes");
        var payee = await page.Locator("tbody th a").First.GetAttributeAsync("href");
        string[] paths =
        [
            "/mon-espace", "/finances", "/finances/dispositifs", "/finances/dispositifs/nouveau", $"/finances/dispositifs/{programme}", "/finances/aides", $"/finances/aides/{grant}", "/finances/aides?siren=1",
            "/finances/paiements", $"/finances/paiements/{run.Id}", "/finances/comptes", payee!, "/finances/releves", "/finances/releves?refus=line&ligne=12", statement, "/finances/ecarts", exception!,
            "/finances/ecarts?etat=resolved&nature=missing", "/finances/rapprochement", "/finances/cartes", "/finances/grand-livre", "/finances/grand-livre?verifier=1", "/finances/exports", "/finances/exercices",
        ];
        await CheckAsync(desk.Finance, paths);
    }

    [Fact]
    public async Task of_the_buyer_are_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        var pool = await desk.PoolAsync("Groupement à suivre 🌷", programme);
        var commitment = await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync(), pool, 55);
        var page = await desk.SignInAsync(desk.Buyer);
        await page.GotoAsync("/pilotage/nouveau");
        var pack = await page.Locator("main .card a").First.GetAttributeAsync("href");
        await CheckAsync(
            desk.Buyer, ["/mon-espace", "/pilotage", "/pilotage?statut=failed", "/pilotage/nouveau", pack!, $"/pilotage/{pool}", $"/pilotage/{pool}/annulation", $"/pilotage/{pool}/engagements/{commitment}", $"/pilotage/{portal.OpenPool}"]);
    }

    [Fact]
    public async Task every_export_of_finance_is_a_file_in_the_readers_language()
    {
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync("/finances/exports");
        var links = await page.Locator("main .card a").EvaluateAllAsync<string[]>("links => links.map(a => a.getAttribute('href'))");
        Assert.Equal(8, links.Length);
        foreach (var link in links)
        {
            var answer = await page.Context.APIRequest.GetAsync(link);
            Assert.True(answer.Ok, link);
            Assert.StartsWith("text/csv", answer.Headers["content-type"], StringComparison.Ordinal);
            Assert.StartsWith("attachment", answer.Headers["content-disposition"], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task forged_addresses_are_pages_of_ours_with_status_404_and_other_roles_have_no_way_in()
    {
        var (finance, buyer) = (await desk.SignInAsync(desk.Finance), await desk.SignInAsync(desk.Buyer));
        var id = Guid.NewGuid();
        foreach (var path in new[] { "dispositifs", "aides", "paiements", "comptes", "releves", "ecarts", "cartes" }.Select(p => $"/finances/{p}/{id}").Append("/finances/exercices/1912").Append($"/fichiers/subsidies/payment-runs/{id}/pain001"))
        {
            await NotThereAsync(finance, path);
        }

        foreach (var path in new[] { $"/pilotage/{id}", $"/pilotage/nouveau/{id}", $"/pilotage/{id}/annulation", $"/pilotage/{portal.OpenPool}/engagements/{id}" })
        {
            await NotThereAsync(buyer, path);
        }

        await buyer.GotoAsync("/finances");
        await Assertions.Expect(buyer.Locator("h1")).ToHaveTextAsync("Accès refusé");
        await finance.GotoAsync("/pilotage");
        await Assertions.Expect(finance.Locator("h1")).ToHaveTextAsync("Accès refusé");
    }

    [Fact]
    public async Task forged_and_replayed_forms_are_refused_or_harmless()
    {
        var (programme, _) = await desk.ProgrammeAsync(100_000);
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync($"/finances/dispositifs/{programme}");
        var token = await page.Locator("form[method=post] input[name=__token]").Last.GetAttributeAsync("value");
        async Task<int> PostAsync(string path, params (string Name, string Value)[] fields)
        {
            var form = page.Context.APIRequest.CreateFormData();
            foreach (var (name, value) in fields)
            {
                form.Append(name, value);
            }

            return (await page.Context.APIRequest.PostAsync(path, new() { Form = form })).Status;
        }

        var own = $"/finances/dispositifs/{programme}";
        Assert.Equal((int)HttpStatusCode.BadRequest, await PostAsync(own, ("_handler", "budget"), ("Form.Way", "raise"), ("Form.Amount", "5"), ("Form.Reason", "Sans jeton")));
        foreach (var (amount, reason) in new[] { ("-5", "Négatif"), ("99999999999999", "Trop"), ("0", "Rien"), ("5", " "), ("5", new string('x', 3_000)), ("5,001", "Millièmes") })
        {
            Assert.Equal(200, await PostAsync(own, ("__token", token!), ("_handler", "budget"), ("Form.Way", "raise"), ("Form.Amount", amount), ("Form.Reason", reason)));
        }

        (string, string)[] raise = [("__token", token!), ("_handler", "budget"), ("Form.Key", $"{Guid.NewGuid()}"), ("Form.Way", "raise"), ("Form.Amount", "5"), ("Form.Reason", "Deux fois")];
        Assert.Equal(200, await PostAsync(own, raise));
        Assert.Equal(200, await PostAsync(own, raise));
        Assert.Equal(200, await PostAsync("/finances/paiements", ("__token", token!), ("_handler", "prepare"), ("Form.Programme", "<script>"), ("Form.Date", "31/12/9999")));
        await page.GotoAsync(own);
        await Assertions.Expect(page.Locator("tr", new() { HasText = "Votée" })).ToContainTextAsync("1\u202f005,00");
    }

    private static async Task NotThereAsync(IPage page, string path)
    {
        Assert.Equal((path, 404), (path, (await page.GotoAsync(path))!.Status));
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Cette page n'existe pas");
    }

    private async Task CheckAsync(Account account, string[] paths)
    {
        foreach (var (width, language, theme) in new[] { (360, "fr-FR", ColorScheme.Light), (1280, "en-GB", ColorScheme.Dark) })
        {
            var page = await desk.SignInAsync(account, width, language, theme);
            var complaints = new List<string>();
            page.Console += (_, message) => { if (message.Type is "error" or "warning") { complaints.Add(message.Text); } };
            page.PageError += (_, error) => complaints.Add(error);
            foreach (var path in paths)
            {
                Assert.Equal((path, 200), (path, (await page.GotoAsync(path))!.Status));
                await LookAsync(page, $"{account.Persona}-{width}-{NoName().Replace(path.Trim('/'), "_")}");
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

    [GeneratedRegex("[^a-z-]+")]
    private static partial Regex NoName();
}
