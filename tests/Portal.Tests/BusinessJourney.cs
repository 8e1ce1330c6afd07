using System.Security.Cryptography;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A business from its registration to a withdrawn commitment, in the browser.</summary>
public sealed class BusinessJourney(PortalFixture portal)
{
    [Fact]
    public async Task a_business_registers_joins_and_withdraws_and_another_reader_sees_it_live()
    {
        var pool = await portal.OpenPoolAsync($"Antivirus {RandomNumberGenerator.GetHexString(6)}");
        var onlooker = await portal.NewReaderAsync();
        await onlooker.GotoAsync($"/groupements/{pool}");
        await Assertions.Expect(onlooker.Locator("#etat")).ToContainTextAsync("0 entreprise");

        var page = await portal.NewReaderAsync(360);
        await RegisterAsync(page, "<b>Fleurs</b> & Cie 🌷");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("<b>Fleurs</b> & Cie 🌷");

        await page.GotoAsync($"/groupements/{pool}");
        await page.GetByLabel("Quantité (postes)").FillAsync("60");
        await Assertions.Expect(page.Locator("#devis")).ToContainTextAsync("3\u202f708,60", new() { Timeout = 30_000 });
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Cochez la case");
        await page.GetByLabel("J'accepte d'être débité").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).DblClickAsync();
        await page.WaitForURLAsync("**/mes-engagements/*");

        await Assertions.Expect(onlooker.Locator("#etat")).ToContainTextAsync("1 entreprise, 60 postes", new() { Timeout = 30_000 });
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.ReloadAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Me retirer" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("votre place (60 postes) redevient disponible");
        await page.GetByRole(AriaRole.Button, new() { Name = "Me retirer" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Retiré");
        await Assertions.Expect(onlooker.Locator("#etat")).ToContainTextAsync("0 entreprise", new() { Timeout = 30_000 });
    }

    [Fact]
    public async Task what_was_typed_wrongly_is_said_by_its_field_and_nothing_typed_is_lost()
    {
        var page = await portal.NewReaderAsync();
        await page.GotoAsync("/inscription");
        await page.GetByLabel("SIRET").FillAsync("123 456 789 00012");
        await page.GetByLabel("Nom de l'entreprise").FillAsync("Chez Zoé");
        await page.GetByLabel("Département").FillAsync("62");
        await page.GetByLabel("Votre nom").FillAsync("Zoé");
        await page.GetByLabel("Adresse électronique").FillAsync("zoe@example.org");
        await page.GetByLabel("Mot de passe").FillAsync("court");
        await page.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).ClickAsync();

        await Assertions.Expect(page.GetByText("Ce numéro SIRET n'est pas valide")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Choisissez un mot de passe plus long")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("Nom de l'entreprise")).ToHaveValueAsync("Chez Zoé");
        Assert.Empty(await Axe.ViolationsAsync(page));
    }

    [Fact]
    public async Task a_page_for_the_signed_in_leads_to_the_sign_in_and_back()
    {
        var page = await portal.NewReaderAsync();
        await page.GotoAsync("/mes-engagements");
        await page.GetByLabel("Adresse électronique").FillAsync("b01@entreprise.example");
        await page.GetByLabel("Mot de passe").FillAsync("faux");
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("l'adresse ou le mot de passe est faux");
        await page.GetByLabel("Mot de passe").FillAsync(portal.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await page.WaitForURLAsync("**/mes-engagements");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Payé");

        var session = Assert.Single(await page.Context.CookiesAsync(), c => c.Name == "session");
        Assert.True(session.HttpOnly);
        await page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Vous êtes déconnecté");
        await page.GotoAsync("/mes-engagements");
        Assert.Contains("/connexion", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_form_without_its_token_is_refused_and_a_foreign_return_address_is_not_followed()
    {
        using var http = new HttpClient { BaseAddress = portal.Address };
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["_handler"] = "sign-in", ["Form.Email"] = "a@b.fr", ["Form.Password"] = "x" });
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, (await http.PostAsync("/connexion", form)).StatusCode);

        var page = await portal.NewReaderAsync();
        await page.GotoAsync("/connexion?retour=//evil.example/");
        await page.GetByLabel("Adresse électronique").FillAsync("b01@entreprise.example");
        await page.GetByLabel("Mot de passe").FillAsync(portal.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await page.WaitForURLAsync("**/mon-espace");
    }

    private static async Task RegisterAsync(IPage page, string name)
    {
        await page.GotoAsync("/inscription");
        await page.GetByLabel("SIRET").FillAsync(TestOrganisation.New().Siret);
        await page.GetByLabel("Nom de l'entreprise").FillAsync(name);
        await page.GetByLabel("Département").FillAsync("62");
        await page.GetByLabel("Effectif").FillAsync("4");
        await page.GetByLabel("Votre nom").FillAsync("Rose");
        await page.GetByLabel("Adresse électronique").FillAsync($"{RandomNumberGenerator.GetHexString(10)}@example.org");
        await page.GetByLabel("Mot de passe").FillAsync("une-longue-phrase-de-passe-7");
        await page.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).ClickAsync();
        await page.WaitForURLAsync("**/mon-espace");
    }
}
