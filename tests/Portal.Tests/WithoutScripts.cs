using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A job of each persona in a browser that runs no scripts; documents and their evaluation are tried so with the provider's and the assessor's other tests.</summary>
public sealed class WithoutScripts(PortalFixture portal) : IDisposable
{
    private readonly FinanceDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_visitor_reads_opens_the_menu_and_changes_the_language()
    {
        var page = await portal.NewReaderAsync(360, scripts: false);
        await page.GotoAsync($"/groupements/{portal.OpenPool}");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Antivirus pour les commerces");
        await page.GetByText("Menu").ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "English" }).ClickAsync();
        await Assertions.Expect(page.Locator("html")).ToHaveAttributeAsync("lang", "en");
    }

    [Fact]
    public async Task a_business_joins_and_withdraws()
    {
        var pool = await portal.OpenPoolAsync($"Sans script {RandomNumberGenerator.GetHexString(6)}");
        var business = await desk.Businesses.RegisterAsync();
        var page = await portal.NewReaderAsync(360, scripts: false);
        await page.GotoAsync($"/connexion?retour=/groupements/{pool}");
        await BusinessDesk.SignInHereAsync(page, business);
        await page.GetByLabel("Quantité (postes)").FillAsync("6");
        await page.GetByRole(AriaRole.Button, new() { Name = "Calculer mon prix" }).ClickAsync();
        await Assertions.Expect(page.Locator("#devis tbody tr").First).ToContainTextAsync("6");
        await page.GetByLabel("J'accepte d'être débité").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).ClickAsync();
        await page.WaitForURLAsync("**/mes-engagements/*");
        await page.GetByRole(AriaRole.Link, new() { Name = "Me retirer" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Me retirer" }).ClickAsync();
        await Assertions.Expect(page.Locator("#etat")).ToContainTextAsync("Retiré");
        Assert.Equal("withdrawn", Assert.Single(await desk.Businesses.CommitmentsAsync(business)).Status);
    }

    [Fact]
    public async Task a_buyer_opens_a_pool()
    {
        var (_, programme) = await desk.ProgrammeAsync();
        var page = await desk.SignInAsync(desk.Buyer, 360, scripts: false);
        await page.GotoAsync("/pilotage/nouveau");
        await page.Locator("main .card", new() { HasText = "Artois Cyber Services" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await page.GetByLabel("Titre").FillAsync("Sans script");
        await page.GetByLabel("Clôture").FillAsync(portal.Now.AddDays(5).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await page.GetByLabel("Quantité maximale").FillAsync("60");
        await page.GetByLabel(programme).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir le groupement" }).ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Sans script");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(programme);
    }

    [Fact]
    public async Task two_people_of_finance_pay_and_read_the_statement()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        await desk.ServiceDoneAsync(programme);
        var page = await desk.SignInAsync(desk.Finance, 360, scripts: false);
        await page.GotoAsync($"/finances/paiements?dispositif={programme}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Préparer le paiement" }).ClickAsync();
        await page.WaitForURLAsync("**/finances/paiements/*");
        var run = Guid.Parse(new Uri(page.Url).Segments[^1]);
        var other = await desk.SignInAsync(desk.SecondFinance, 360, scripts: false);
        await other.GotoAsync($"/finances/paiements/{run}");
        await other.GetByRole(AriaRole.Button, new() { Name = "Approuver le paiement" }).ClickAsync();
        await Assertions.Expect(other.GetByRole(AriaRole.Status)).ToContainTextAsync("Le paiement est approuvé");
        var transfer = await desk.TransferAsync(run);
        await FinanceDesk.SendAsync(page, Encoding.UTF8.GetBytes("bookingDate,amountCents,currency,endToEndId,iban,reference\n2026-02-30,12,EUR,A,,\n"));
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("la ligne 2 n'a pas pu être lue ; rien n'a été enregistré. Une date n'est pas valable");
        await FinanceDesk.SendAsync(page, desk.Statement((transfer.EndToEndId, transfer.Iban, transfer.Cents)));
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("1 mouvement nouveau");
        await Assertions.Expect(page.Locator("table")).ToContainTextAsync("Exact");
    }

    [Fact]
    public async Task an_administrator_adds_a_colleague()
    {
        var page = await desk.SignInAsync(portal.Admin, 360, scripts: false);
        await page.GotoAsync("/administration/agents/nouveau");
        await page.GetByLabel("Nom").FillAsync("Inès");
        await page.GetByLabel("Adresse électronique").FillAsync(AccountsFixture.NewEmail());
        await page.GetByLabel("Acheteur").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Le compte est créé");
    }
}
