using System.Net;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Exports of finance, and what is forged in its pages and the buyer's.</summary>
public sealed class FinancePages(PortalFixture portal) : IDisposable
{
    private readonly FinanceDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

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
}
