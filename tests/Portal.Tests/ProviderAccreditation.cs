using System.Security.Cryptography;
using Marketplace.Local.Campaigns;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A provider from its registration to a listed pack, and the two assessors between, in the browser.</summary>
public sealed class ProviderAccreditation(PortalFixture portal) : IDisposable
{
    private const string Nasty = "<script>alert(1)</script> \u202eabc\u202c 🌷";
    private readonly ProviderDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_provider_is_evaluated_by_one_assessor_granted_by_another_and_lists_its_pack()
    {
        var page = await portal.NewReaderAsync(360);
        var account = await RegisterAsync(page);
        await page.GotoAsync("/agrement");
        await page.GetByLabel("Départements").FillAsync("59, 62");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir la demande" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Choisissez au moins une catégorie")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Départements")).ToHaveValueAsync("59, 62");
        await page.GetByLabel("Antivirus").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir la demande" }).DblClickAsync();
        await page.WaitForURLAsync("**/agrement/*");
        var application = new Uri(page.Url).Segments[^1];

        await UploadBothWaysAsync(page, account, application);
        await page.GetByRole(AriaRole.Button, new() { Name = "Déposer la demande" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("attend son évaluation");

        await AssessAsync(page, application);
        await page.GotoAsync("/agrement");
        await Assertions.Expect(page.Locator(".accredited")).ToContainTextAsync("AGR-");
        await ListPackAsync(page);
    }

    /// <summary>One document dropped, with its progress; the other by a reader without scripts.</summary>
    private async Task UploadBothWaysAsync(IPage page, Account account, string application)
    {
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Il manque 2 pièces obligatoires");
        await page.EvaluateAsync("new MutationObserver(() => sessionStorage.setItem('seen', 'progress')).observe(document.querySelector('#piece-kbis-extract progress'), { attributes: true, attributeFilter: ['hidden'] })");
        await ProviderDesk.DropAsync(page, "kbis-extract", "kbis.pdf", "application/pdf", ProviderDesk.Pdf);
        await ProviderDesk.SendButton(page, "kbis-extract").ClickAsync();
        await Assertions.Expect(page.Locator("#piece-kbis-extract .badge").First).ToHaveTextAsync("Fournie");
        Assert.Equal("progress", await page.EvaluateAsync<string>("sessionStorage.getItem('seen')"));
        Assert.Empty(await Axe.ViolationsAsync(page));

        var plain = await desk.SignInAsync(account, 360, scripts: false);
        await plain.GotoAsync($"/agrement/{application}");
        await plain.GetByRole(AriaRole.Button, new() { Name = "Déposer la demande" }).ClickAsync();
        await Assertions.Expect(plain.GetByRole(AriaRole.Alert)).ToContainTextAsync("il manque des pièces obligatoires");
        await plain.Locator("#fin-liability-insurance").FillAsync(portal.Now.AddYears(1).ToString("yyyy-MM-dd"));
        await plain.Locator("#fichier-liability-insurance").SetInputFilesAsync(new FilePayload { Name = "assurance.pdf", MimeType = "application/pdf", Buffer = ProviderDesk.Pdf });
        await ProviderDesk.SendButton(plain, "liability-insurance").ClickAsync();
        await Assertions.Expect(plain.Locator("#piece-liability-insurance .badge").First).ToHaveTextAsync("Fournie");
        await Assertions.Expect(plain.Locator("#piece-liability-insurance")).ToContainTextAsync("expire le");
        await plain.Context.CloseAsync();
        await page.ReloadAsync();
    }

    /// <summary>Returned once with a reason, evaluated, refused to the evaluator, granted by another.</summary>
    private async Task AssessAsync(IPage provider, string application)
    {
        var first = await desk.SignInAsync(desk.Assessor);
        await first.GotoAsync("/instruction");
        await first.Locator($"a[href='/instruction/{application}']").ClickAsync();
        var download = await first.RunAndWaitForDownloadAsync(() => first.GetByRole(AriaRole.Link, new() { Name = "Télécharger la pièce : Extrait Kbis" }).ClickAsync());
        Assert.Equal("kbis-extract.pdf", download.SuggestedFilename);
        Assert.Equal(ProviderDesk.Pdf, await File.ReadAllBytesAsync(await download.PathAsync(), TestContext.Current.CancellationToken));
        await first.GetByText("Renvoyer au prestataire").ClickAsync();
        await first.GetByLabel("Ce qui manque").FillAsync($"Le Kbis est illisible. {Nasty}");
        await first.GetByRole(AriaRole.Button, new() { Name = "Renvoyer la demande" }).ClickAsync();
        await Assertions.Expect(first.Locator("main")).ToContainTextAsync("Chez le prestataire");

        await provider.GotoAsync($"/agrement/{application}");
        await Assertions.Expect(provider.Locator(".note.warn")).ToContainTextAsync("Le Kbis est illisible. <script>alert(1)</script>");
        await provider.GetByRole(AriaRole.Button, new() { Name = "Déposer la demande" }).ClickAsync();
        await Assertions.Expect(provider.Locator("main")).ToContainTextAsync("attend son évaluation");

        await first.ReloadAsync();
        foreach (var key in new[] { "kbis-extract", "liability-insurance" })
        {
            await first.Locator($"#oui-{key}").CheckAsync();
        }

        await first.Locator("#note-kbis-extract").FillAsync(Nasty);
        await first.GetByRole(AriaRole.Button, new() { Name = "Enregistrer l'évaluation" }).DblClickAsync();
        await Assertions.Expect(first.Locator("main")).ToContainTextAsync("c'est une autre personne qui doit décider");
        await Assertions.Expect(first.GetByRole(AriaRole.Button, new() { Name = "Accorder" })).ToHaveCountAsync(0);
        Assert.Empty(await Axe.ViolationsAsync(first));

        var second = await desk.SignInAsync(desk.SecondAssessor, 360);
        await second.GotoAsync("/instruction?statut=review");
        await second.Locator($"a[href='/instruction/{application}']").ClickAsync();
        await second.GetByRole(AriaRole.Button, new() { Name = "Refuser" }).ClickAsync();
        await Assertions.Expect(second.Locator(".field .error")).ToContainTextAsync("Écrivez le motif");
        await second.GetByRole(AriaRole.Button, new() { Name = "Accorder l'agrément" }).ClickAsync();
        await Assertions.Expect(second.Locator("main")).ToContainTextAsync("Accordée");
    }

    private static async Task ListPackAsync(IPage page)
    {
        var name = $"Antivirus {RandomNumberGenerator.GetHexString(6)} {Nasty}";
        await page.GotoAsync("/mes-packs/nouveau");
        await page.GetByLabel("Nom du pack").FillAsync(name);
        await page.GetByLabel("Capacité").FillAsync("500");
        await page.GetByLabel("Prix public").FillAsync("60");
        await page.GetByLabel("Départements").FillAsync("59 62 75");
        await page.Locator("#palier-q0").FillAsync("10");
        await page.Locator("#palier-p0").FillAsync("50");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ajouter un palier" }).ClickAsync();
        await page.Locator("#palier-q1").FillAsync("50");
        await page.Locator("#palier-p1").FillAsync("55,5");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer le brouillon" }).ClickAsync();
        await Assertions.Expect(page.Locator("ul.error")).ToContainTextAsync("Palier 2 : le prix doit être plus bas");
        await page.Locator("#palier-p1").FillAsync("45,5");
        await Assertions.Expect(page.Locator("#echelle table")).ToContainTextAsync("45,50\u00a0€");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer le brouillon" }).DblClickAsync();
        await page.WaitForURLAsync(url => Guid.TryParse(new Uri(url).Segments[^1], out _));

        await page.GetByRole(AriaRole.Button, new() { Name = "Publier le pack" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("aucun agrément actif ne couvre");
        await page.GetByLabel("Départements").FillAsync("59, 62");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer les conditions" }).ClickAsync();
        await page.WaitForURLAsync("**/mes-packs/*");
        await page.GetByRole(AriaRole.Button, new() { Name = "Publier le pack" }).ClickAsync();
        await Assertions.Expect(page.Locator("main .badge").First).ToHaveTextAsync("Publié");
        var address = page.Url;
        await page.GotoAsync("/packs");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(name.Replace("\u202e", "").Split(' ')[1]);

        await page.GotoAsync(address);
        await page.GetByText("Retirer du catalogue").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Retirer le pack" }).ClickAsync();
        await Assertions.Expect(page.Locator("main .badge").First).ToHaveTextAsync("Retiré");
    }

    private static async Task<Account> RegisterAsync(IPage page)
    {
        var account = new Account("provider", $"{RandomNumberGenerator.GetHexString(10).ToLowerInvariant()}@example.org", "une-longue-phrase-de-passe-7");
        await page.GotoAsync("/inscription");
        await page.Locator("#kind-provider").CheckAsync();
        await page.GetByLabel("SIRET").First.FillAsync(TestOrganisation.New().Siret);
        await page.Locator("[name='Form.Name']").FillAsync($"Cyber {Nasty}");
        await page.Locator("[name='Form.Departement']").FillAsync("62");
        await page.Locator("[name='Form.DisplayName']").FillAsync("Lou");
        await page.Locator("[name='Form.Email']").FillAsync(account.Email);
        await page.Locator("[name='Form.Password']").FillAsync(account.Password);
        await page.Locator("main form button").Last.ClickAsync();
        await page.WaitForURLAsync("**/mon-espace");
        return account;
    }
}
