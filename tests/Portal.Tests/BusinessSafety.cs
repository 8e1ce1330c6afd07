using System.Security.Cryptography;
using Marketplace.Local.Campaigns;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Nothing is lost and nothing is done twice, whatever a business does with its browser; nothing forged gets through.</summary>
public sealed class BusinessSafety(PortalFixture portal) : IDisposable
{
    private readonly BusinessDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task an_expired_session_loses_nothing_that_was_typed()
    {
        var (business, page, pool) = await BeginAsync();
        await BusinessDesk.FillJoinAsync(page, pool, 17);
        await page.GetByLabel("Prix unitaire à ne pas dépasser").FillAsync("61,50");
        await BusinessDesk.ConsentAsync(page, 17);
        await page.Context.ClearCookiesAsync(new() { Name = "session" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).ClickAsync();
        await page.WaitForURLAsync("**/connexion*");
        Assert.Empty(await desk.CommitmentsAsync(business));

        await BusinessDesk.SignInHereAsync(page, business);
        await page.WaitForURLAsync("**/rejoindre");
        await Assertions.Expect(page.GetByLabel("Quantité (postes)")).ToHaveValueAsync("17");
        await Assertions.Expect(page.GetByLabel("Prix unitaire à ne pas dépasser")).ToHaveValueAsync("61,50");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await BusinessDesk.ConsentAsync(page, 17);
        await BusinessDesk.JoinAsync(page);
        Assert.Single(await desk.CommitmentsAsync(business));
    }

    [Fact]
    public async Task a_form_sent_again_after_the_back_button_or_from_a_second_tab_does_nothing_twice()
    {
        var (business, page, pool) = await BeginAsync();
        var second = await page.Context.NewPageAsync();
        await BusinessDesk.FillJoinAsync(second, pool, 5);
        await BusinessDesk.FillJoinAsync(page, pool, 5);
        var commitment = await BusinessDesk.JoinAsync(page);
        await page.GoBackAsync();
        await Assertions.Expect(page.Locator("#rejoindre")).ToBeVisibleAsync();
        if (await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).CountAsync() > 0)
        {
            await page.GetByLabel("J'accepte d'être débité").CheckAsync();
            Assert.Equal(commitment, await BusinessDesk.JoinAsync(page));
        }

        await second.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).ClickAsync();
        await Assertions.Expect(second.Locator("main")).ToContainTextAsync("a déjà un engagement");
        await second.GetByRole(AriaRole.Link, new() { Name = "Voir mon engagement" }).ClickAsync();
        await second.WaitForURLAsync($"**/mes-engagements/{commitment}");
        Assert.Single(await desk.CommitmentsAsync(business));

        foreach (var tab in new[] { page, second })
        {
            await tab.GotoAsync($"/mes-engagements/{commitment}/retrait");
        }

        foreach (var tab in new[] { page, second })
        {
            await tab.GetByRole(AriaRole.Button, new() { Name = "Me retirer du groupement" }).DblClickAsync();
            await Assertions.Expect(tab.Locator("#etat")).ToContainTextAsync("Retiré");
        }

        Assert.Equal([(commitment, "withdrawn")], await desk.CommitmentsAsync(business));
    }

    [Fact]
    public async Task an_amendment_is_quoted_consented_and_saved_and_a_limit_can_be_taken_away()
    {
        var (business, page, pool) = await BeginAsync();
        var commitment = await desk.CommitAsync(business, pool, 5);
        await page.GotoAsync($"/mes-engagements/{commitment}/modifier");
        await page.GetByLabel("Quantité (postes)").FillAsync("8");
        await page.GetByLabel("Unités en plus que j'accepte").FillAsync("2");
        await page.GetByLabel("Prix unitaire à ne pas dépasser").FillAsync("52,33");
        await BusinessDesk.ConsentAsync(page, 8);
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer la modification" }).DblClickAsync();
        await page.WaitForURLAsync($"**/mes-engagements/{commitment}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("8 (+ 2 si le prix baisse)");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("52,33");
        await Assertions.Expect(page.Locator(".timeline")).ToContainTextAsync("Engagement modifié");

        await page.GotoAsync($"/mes-engagements/{commitment}/modifier");
        await Assertions.Expect(page.GetByLabel("Prix unitaire à ne pas dépasser")).ToHaveValueAsync("52.33");
        await page.GetByLabel("Prix unitaire à ne pas dépasser").FillAsync("");
        await BusinessDesk.ConsentAsync(page, 8);
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer la modification" }).ClickAsync();
        await page.WaitForURLAsync($"**/mes-engagements/{commitment}");
        await Assertions.Expect(page.Locator("main")).Not.ToContainTextAsync("52,33");
    }

    [Fact]
    public async Task the_consent_holds_for_the_amount_that_was_shown_and_for_no_more()
    {
        var (business, page, pool) = await BeginAsync();
        await BusinessDesk.FillJoinAsync(page, pool, 5);
        await page.EvaluateAsync("document.querySelector('[name=\"Form.Ceiling\"]').value = '1'");
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Cochez la case");
        Assert.Empty(await desk.CommitmentsAsync(business));
    }

    [Theory]
    [InlineData("Quantity", "-5", "Indiquez un nombre entier, 1 au moins")]
    [InlineData("Quantity", "<script>alert(1)</script>", "Indiquez un nombre entier, 1 au moins")]
    [InlineData("Tolerance", "-1", "Indiquez un nombre entier, 0 ou plus")]
    [InlineData("PriceLimit", "\u202e-3 🌷", "Indiquez un montant en euros")]
    [InlineData("PaymentMethod", "<b>x</b>", "Cette référence n'est pas valable")]
    public async Task a_forged_value_is_refused_by_its_field(string field, string value, string message)
    {
        var (business, page, pool) = await BeginAsync();
        await BusinessDesk.FillJoinAsync(page, pool, 5);
        await page.EvaluateAsync(
            """
            ([field, value]) => {
              const form = document.querySelector('form[action$=rejoindre]'), old = form.querySelectorAll(`[name="Form.${field}"]`);
              form.noValidate = true;
              old.forEach(input => input.disabled = true);
              const forged = Object.assign(document.createElement('input'), { type: 'hidden', name: `Form.${field}`, value });
              form.append(forged);
            }
            """, new[] { field, value });
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).ClickAsync();
        await page.WaitForURLAsync("**/rejoindre");
        if (field == "PaymentMethod")
        {
            await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("un champ est à corriger");
        }
        else
        {
            await Assertions.Expect(page.Locator("main .error")).ToContainTextAsync(message);
        }

        Assert.Empty(await desk.CommitmentsAsync(business));
    }

    [Fact]
    public async Task another_business_s_commitment_is_a_page_that_does_not_exist()
    {
        var owner = new Account("business", "b01@entreprise.example", portal.Password);
        var (foreign, _) = (await desk.CommitmentsAsync(owner))[^1];
        var (_, page, _) = await BeginAsync();
        foreach (var path in new[] { "", "/modifier", "/retrait", "/confirmation", "/recu" })
        {
            Assert.Equal(404, (await page.GotoAsync($"/mes-engagements/{foreign}{path}"))!.Status);
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Cette page n'existe pas");
        }
    }

    private async Task<(Account Business, IPage Page, Guid Pool)> BeginAsync()
    {
        var pool = await portal.OpenPoolAsync($"Antivirus {RandomNumberGenerator.GetHexString(6)}");
        var business = await desk.RegisterAsync("\u202eRTL\u202c <i>Café</i> 🌷");
        return (business, await desk.SignInAsync(business), pool);
    }
}
