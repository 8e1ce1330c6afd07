using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What a business tells of itself.</summary>
public sealed class BusinessPages(PortalFixture portal) : IDisposable
{
    private readonly BusinessDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task what_a_business_declares_of_itself_can_be_added_corrected_and_taken_off()
    {
        var page = await desk.SignInAsync(await desk.RegisterAsync(), 360);
        await page.GotoAsync("/mon-entreprise");
        await Assertions.Expect(page.Locator(".facts .big")).ToHaveTextAsync("300\u202f000,00\u00a0€");
        await FillAidAsync(page, 0, "2026-01-15", "20 000", "<script>alert(1)</script> Région 🌷 \u202eRTL");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ajouter une aide" }).ClickAsync();
        await FillAidAsync(page, 1, "2026-02-01", "douze", "Agence");
        await page.GetByLabel("Numéros SIREN").FillAsync("123456789");
        await SaveAsync(page);
        await Assertions.Expect(page.GetByText("Indiquez un montant en euros")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("n'est pas un SIREN valable")).ToBeVisibleAsync();
        Assert.Empty(await Axe.ViolationsAsync(page));

        await page.Locator("[name='Form.Aid[1].Euros']").FillAsync("12,50");
        await page.GetByLabel("Numéros SIREN").FillAsync("310 684 030\n");
        await SaveAsync(page);
        await Assertions.Expect(page.GetByText("C'est enregistré")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".facts .big")).ToHaveTextAsync("279\u202f987,50\u00a0€");
        await Assertions.Expect(page.GetByLabel("Numéros SIREN")).ToHaveValueAsync("310\u00a0684\u00a0030");
        await Assertions.Expect(page.Locator("[name='Form.Aid[0].Source']")).ToHaveValueAsync("<script>alert(1)</script> Région 🌷 \u202eRTL");

        var second = await page.Context.NewPageAsync();
        await second.GotoAsync("/mon-entreprise");
        await page.GetByLabel("Retirer cette aide de la liste").Nth(0).CheckAsync();
        await SaveAsync(page);
        await Assertions.Expect(page.Locator(".facts .big")).ToHaveTextAsync("299\u202f987,50\u00a0€");
        await Assertions.Expect(page.Locator("[name='Form.Aid[0].Source']")).ToHaveValueAsync("Agence");
        await SaveAsync(second);
        await Assertions.Expect(second.GetByRole(AriaRole.Alert)).ToContainTextAsync("dans un autre onglet");
    }

    [Fact]
    public async Task a_siret_and_a_headcount_are_told_about_as_they_are_typed()
    {
        var page = await portal.NewReaderAsync(360);
        await page.GotoAsync("/inscription");
        var siret = page.GetByLabel("SIRET");
        await siret.FillAsync("310 684");
        await Assertions.Expect(page.Locator("[data-siret-of]")).ToHaveTextAsync("Encore 8 chiffres");
        await siret.FillAsync("310 684 030 88546");
        await Assertions.Expect(page.Locator("[data-siret-of]")).ToContainTextAsync("n'est pas un SIRET");
        foreach (var valid in new[] { "310 684 030 88545", "35600000000048", "35600000009075" })
        {
            await siret.FillAsync(valid);
            await Assertions.Expect(page.Locator("[data-siret-of]")).ToContainTextAsync("Numéro SIRET valable");
        }

        await page.GetByLabel("Effectif").FillAsync("49");
        await Assertions.Expect(page.Locator("[data-size-of]")).ToContainTextAsync("Petite entreprise");
        Assert.Empty(await Axe.ViolationsAsync(page));
    }

    private static async Task FillAidAsync(IPage page, int row, string day, string euros, string source)
    {
        await page.Locator($"[name='Form.Aid[{row}].GrantedOn']").FillAsync(day);
        await page.Locator($"[name='Form.Aid[{row}].Euros']").FillAsync(euros);
        await page.Locator($"[name='Form.Aid[{row}].Source']").FillAsync(source);
        await page.Locator($"[name='Form.Aid[{row}].DeMinimis']").CheckAsync();
    }

    private static Task SaveAsync(IPage page) => page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
}
