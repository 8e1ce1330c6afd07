using System.Security.Cryptography;
using System.Text;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>What does not come out by itself and waits for a person of finance, in the browser.</summary>
public sealed class FinanceExceptions(PortalFixture portal) : IDisposable
{
    private const string Reason = "<script>alert(1)</script> Vu avec la banque 🌷";
    private readonly FinanceDesk desk = new(portal);
    private readonly ProviderDesk providers = new(portal);

    public void Dispose()
    {
        desk.Dispose();
        providers.Dispose();
    }

    [Fact]
    public async Task a_card_charge_that_is_not_ours_is_resolved_once_with_a_reason()
    {
        var charge = await desk.StrangeChargeAsync(RandomNumberGenerator.GetInt32(1_000, 100_000));
        var page = await desk.SignInAsync(desk.Finance, 360);
        await page.GotoAsync("/finances/cartes");
        await page.Locator($"a[href='/finances/cartes/{charge}']").ClickAsync();
        var second = await page.Context.NewPageAsync();
        await second.GotoAsync(page.Url);
        await page.GetByLabel("La décision en quelques mots").FillAsync("rendu");
        await page.GetByLabel("Motif").FillAsync("   ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("La décision en quelques mots")).ToHaveValueAsync("rendu");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByLabel("Motif").FillAsync(Reason);
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).DblClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("L'écart est réglé");
        await Assertions.Expect(page.Locator("p.note", new() { HasText = "rendu" })).ToContainTextAsync(Reason);

        await second.GetByLabel("La décision en quelques mots").FillAsync("autre chose");
        await second.GetByLabel("Motif").FillAsync("Trop tard");
        await second.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).ClickAsync();
        await Assertions.Expect(second.GetByRole(AriaRole.Status)).ToContainTextAsync("La page a changé entre-temps");
        await Assertions.Expect(second.Locator("main")).ToContainTextAsync("rendu");
    }

    [Fact]
    public async Task a_movement_of_nobody_is_shown_beside_the_transfers_it_could_have_paid()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        await desk.ServiceDoneAsync(programme);
        var run = await desk.ApprovedRunAsync(programme);
        await desk.ImportAsync((run.EndToEndId, run.Iban, run.Cents - 250));
        var unknown = await desk.ExceptionAsync(await desk.ImportAsync((FinanceDesk.Strange(), "DE89370400440532013000", 250)), "unknown");
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync($"/finances/ecarts/{unknown}");
        var candidate = page.Locator(".candidates .card", new() { HasText = run.EndToEndId });
        await Assertions.Expect(candidate).ToContainTextAsync("Juste ce qui manque");
        await Assertions.Expect(candidate).Not.ToContainTextAsync("Même IBAN");
        await candidate.GetByRole(AriaRole.Link).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("La banque a payé moins que ce qui était mandaté");
        await page.GoBackAsync();
        await page.GetByLabel("C'est expliqué").CheckAsync();
        await page.GetByLabel("Motif").FillAsync(Reason);
        await page.GetByRole(AriaRole.Button, new() { Name = "Régler l'écart" }).DblClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("L'écart est réglé");
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync(Reason);
        await Assertions.Expect(page.Locator(".candidates")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task a_provider_without_an_account_is_left_out_until_finance_enters_one_and_a_prepared_payment_keeps_its_own()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        var provider = await providers.RegisterAsync("Sans compte <b>& Fils</b>", withAccount: false);
        await providers.GrantAsync(await providers.ApplyAsync(provider));
        await desk.ServiceDoneAsync(programme, provider, await providers.ListPackAsync(provider));
        var page = await desk.SignInAsync(desk.Finance);
        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Préparer le paiement" }).ClickAsync();
        var leftOut = page.Locator("aside table");
        await Assertions.Expect(leftOut).ToContainTextAsync("Aucun IBAN n'est connu");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await leftOut.GetByRole(AriaRole.Link, new() { Name = "Sans compte <b>& Fils</b>" }).ClickAsync();
        await SetAccountAsync(page, "FR76 1234");
        await Assertions.Expect(page.Locator(".field .error")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByLabel("IBAN")).ToHaveValueAsync("FR76 1234");
        await SetAccountAsync(page, "fr14 2004 1010 0505 0001 3m02 606");
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Le compte est enregistré");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("FR14 2004 1010 0505 0001 3M02 606");
        var account = page.Url;

        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Préparer le paiement" }).ClickAsync();
        await page.WaitForURLAsync("**/finances/paiements/*");
        var run = page.Url;
        await page.GotoAsync(account);
        await SetAccountAsync(page, "DE89 3704 0044 0532 0130 00");
        await Assertions.Expect(page.Locator(".facts")).ToContainTextAsync("DE89 3704 0044 0532 0130 00");
        await page.GotoAsync(run);
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("FR14 2004 1010 0505 0001 3M02 606");
    }

    [Fact]
    public async Task a_statement_that_is_none_is_refused_in_the_readers_words()
    {
        var page = await desk.SignInAsync(desk.Finance, 360);
        await RefusedAsync("\u0089PNG\r\n\u001a\n", "releve.csv", "n'a pas pu être lue");
        await RefusedAsync("<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><Document>&a;</Document>", "releve.csv", "n'a pas pu être lue");
        await RefusedAsync("bookingDate,amountCents\n2026-01-02,5\n", "releve.csv", "Les colonnes ne sont pas celles attendues");
        await RefusedAsync("bookingDate,amountCents,currency,endToEndId,iban,reference\n2026-01-02,5,USD,a,,\n", "<script>alert(1)<\u2215script>.csv", "Seuls les relevés en euros sont acceptés. (currency « USD »)");

        async Task RefusedAsync(string content, string name, string words)
        {
            await FinanceDesk.SendAsync(page, Encoding.UTF8.GetBytes(content), name);
            await Assertions.Expect(page.Locator(".drop [role=alert]")).ToContainTextAsync(words);
        }
    }

    private static async Task SetAccountAsync(IPage page, string iban)
    {
        await page.GetByLabel("IBAN").FillAsync(iban);
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer le compte" }).ClickAsync();
    }
}
