using System.Security.Cryptography;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A business from a declined card to an accepted delivery, in the browser.</summary>
public sealed class BusinessOrder(PortalFixture portal) : IDisposable
{
    private const string Nasty = "<script>alert(1)</script> \u202eabc\u202c 🌷 manque 10 postes";
    private readonly BusinessDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_declined_card_is_recovered_at_the_bank_and_a_short_delivery_is_refused_then_accepted()
    {
        var pool = await portal.OpenPoolAsync($"Sauvegarde {RandomNumberGenerator.GetHexString(6)}");
        var page = await desk.SignInAsync(await desk.RegisterAsync());
        await BusinessDesk.FillJoinAsync(page, pool, 320, "Carte enregistrée, puis refusée au débit");
        var commitment = await BusinessDesk.JoinAsync(page);
        await Assertions.Expect(page.Locator(".timeline .next")).ToContainTextAsync("Clôture du groupement");

        await desk.CloseAsync(pool);
        await BusinessDesk.UntilAsync(page, "Votre paiement a été refusé");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await PayAsync(page, "Carte refusée : provision insuffisante");
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("la banque a refusé ce paiement");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("La provision est insuffisante");

        await PayAsync(page, "Carte qui demande une authentification");
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Continuer vers ma banque" })).ToBeVisibleAsync();
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByRole(AriaRole.Link, new() { Name = "Continuer vers ma banque" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await page.WaitForURLAsync($"**/mes-engagements/{commitment}?*");
        await BusinessDesk.UntilAsync(page, "Paiement reçu");

        await CheckPapersAsync(page, commitment);
        await AnswerAsync(page, pool, commitment);
    }

    private static async Task PayAsync(IPage page, string card)
    {
        await page.GetByLabel(card).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Payer" }).DblClickAsync();
    }

    private static async Task CheckPapersAsync(IPage page, Guid commitment)
    {
        await page.GotoAsync($"/mes-engagements/{commitment}/confirmation");
        await Assertions.Expect(page.Locator(".paper")).ToContainTextAsync("Confirmation de commande");
        await Assertions.Expect(page.Locator(".paper")).ToContainTextAsync("SIRET 310\u00a0684\u00a0030\u00a088545");
        await Assertions.Expect(page.Locator(".paper")).ToContainTextAsync("14\u202f396,80");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GotoAsync($"/mes-engagements/{commitment}/recu");
        await Assertions.Expect(page.Locator(".paper")).ToContainTextAsync("Reçu de paiement");
        await Assertions.Expect(page.Locator(".paper")).ToContainTextAsync("pi_");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        await Assertions.Expect(page.Locator(".top")).ToBeHiddenAsync();
        Assert.NotEmpty(await page.PdfAsync(new() { PreferCSSPageSize = true }));
        await page.EmulateMediaAsync(new() { Media = Media.Screen });
    }

    private async Task AnswerAsync(IPage page, Guid pool, Guid commitment)
    {
        await desk.DeliverAsync(pool, commitment, 310);
        await page.GotoAsync($"/mes-engagements/{commitment}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("310 sur 320");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.Locator(".refusal summary").ClickAsync();
        await page.GetByLabel("Motif du refus").FillAsync("   ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Refuser la livraison" }).ClickAsync();
        await Assertions.Expect(page.Locator(".error")).ToContainTextAsync("Indiquez ce qui manque");
        await page.GetByLabel("Motif du refus").FillAsync(Nasty);
        await page.GetByRole(AriaRole.Button, new() { Name = "Refuser la livraison" }).DblClickAsync();
        await Assertions.Expect(page.Locator("#etat")).ToContainTextAsync("Vous avez refusé la livraison");
        await Assertions.Expect(page.Locator("#etat")).ToContainTextAsync("<script>alert(1)</script>");

        await desk.DeliverAsync(pool, commitment, 310);
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync($"/mes-engagements/{commitment}");
        await page.ReloadAsync();
        foreach (var tab in new[] { page, other })
        {
            await tab.GetByRole(AriaRole.Button, new() { Name = "Accepter la livraison" }).DblClickAsync();
            await Assertions.Expect(tab.Locator("#etat")).ToContainTextAsync("Livraison acceptée");
            await Assertions.Expect(tab.GetByRole(AriaRole.Alert)).ToHaveCountAsync(0);
        }

        await BusinessDesk.UntilAsync(page, "Montants définitifs");
        await BusinessDesk.UntilAsync(page, "effectué");
        await Assertions.Expect(page.Locator(".timeline .next")).ToHaveCountAsync(0);
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GotoAsync($"/mes-engagements/{commitment}/recu");
        await Assertions.Expect(page.Locator(".paper")).ToContainTextAsync("Livraison partielle acceptée");
    }
}
