using System.Net;
using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Assessors and the register, in the browser.</summary>
public sealed class AssessorJourney(PortalFixture portal) : IDisposable
{
    private readonly ProviderDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_suspension_says_what_it_would_freeze_freezes_it_and_a_reinstatement_thaws_it()
    {
        var provider = await desk.RegisterAsync("Cyber suspendu");
        var accreditation = await desk.GrantAsync(await desk.ApplyAsync(provider));
        var pack = await desk.ListPackAsync(provider);
        var pool = await portal.OpenPoolAsync("Groupement à suspendre", pack);
        var page = await desk.SignInAsync(desk.Assessor, 360);
        await page.GotoAsync("/instruction/registre");
        await page.Locator($"a[href='/instruction/registre/{accreditation}']").ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("1 pack quitte le catalogue");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("1 groupement ouvert est suspendu");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Groupement à suspendre");

        await page.Locator("#raison-suspend").FillAsync(" ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspendre" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("Écrivez le motif");
        await page.Locator("#raison-suspend").FillAsync("Assurance résiliée <b>hier</b>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Suspendre" }).DblClickAsync();
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Assurance résiliée <b>hier</b>");
        Assert.Empty(await Axe.ViolationsAsync(page));

        var own = await desk.SignInAsync(provider);
        await own.GotoAsync("/agrement");
        await Assertions.Expect(own.Locator(".accredited")).ToContainTextAsync("Assurance résiliée <b>hier</b>");
        await own.GotoAsync($"/mes-commandes/{pool}");
        await BusinessDesk.UntilAsync(own, "Suspendu");
        await own.GotoAsync("/mes-packs");
        await BusinessDesk.UntilAsync(own, "Masqué");

        await page.Locator("#raison-reinstate").FillAsync("Nouvelle assurance");
        await page.GetByRole(AriaRole.Button, new() { Name = "Rétablir" }).ClickAsync();
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Nouvelle assurance");
        await BusinessDesk.UntilAsync(own, "Publié");
        await desk.WithdrawAsync(provider, pack);
    }

    [Fact]
    public async Task the_evaluator_cannot_decide_by_a_forged_call_either_and_others_have_no_way_in()
    {
        var provider = await desk.RegisterAsync();
        var application = await desk.ApplyAsync(provider);
        await desk.EvaluateAsync(application);
        using var api = new MarketplaceClient(portal.Address);
        var forged = await api.PostAsync($"/api/accreditation/applications/{application}/decision", new JsonObject { ["decision"] = "grant" }, desk.Assessor, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Conflict, "four-eyes"), (forged.Status, forged.Problem));

        var page = await desk.SignInAsync(provider);
        await page.GotoAsync($"/instruction/{application}");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Accès refusé");
        var assessor = await desk.SignInAsync(desk.Assessor);
        Assert.Equal(404, (await assessor.GotoAsync($"/instruction/{Guid.NewGuid()}"))!.Status);
        Assert.Equal(404, (await assessor.GotoAsync($"/instruction/registre/{Guid.NewGuid()}"))!.Status);
    }

    [Fact]
    public async Task an_evaluation_with_a_criterion_left_open_is_asked_again_and_an_unmet_one_cannot_be_granted()
    {
        var application = await desk.ApplyAsync(await desk.RegisterAsync());
        var page = await desk.SignInAsync(desk.Assessor, scripts: false);
        await page.GotoAsync($"/instruction/{application}");
        await page.Locator("#non-kbis-extract").CheckAsync();
        await page.Locator("#note-kbis-extract").FillAsync("Plus de trois mois");
        await page.Locator("#oui-liability-insurance").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer l'évaluation" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Plus de trois mois");

        var second = await desk.SignInAsync(desk.SecondAssessor);
        await second.GotoAsync($"/instruction/{application}");
        await Assertions.Expect(second.Locator(".note.warn")).ToContainTextAsync("Extrait Kbis");
        await second.GetByRole(AriaRole.Button, new() { Name = "Accorder l'agrément" }).ClickAsync();
        await Assertions.Expect(second.GetByRole(AriaRole.Alert)).ToContainTextAsync("un critère obligatoire non rempli");
        await second.GetByLabel("Motif").FillAsync("Le Kbis est trop ancien.");
        await second.GetByRole(AriaRole.Button, new() { Name = "Refuser" }).ClickAsync();
        await Assertions.Expect(second.Locator("main")).ToContainTextAsync("Refusée");
    }
}
