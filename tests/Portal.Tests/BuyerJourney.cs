using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>The buyer opens pools, watches, extends, closes and cancels them, in the browser.</summary>
public sealed partial class BuyerJourney(PortalFixture portal) : IDisposable
{
    private readonly FinanceDesk desk = new(portal);

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_pool_is_opened_watched_extended_and_cancelled_after_seeing_who_is_told()
    {
        var (_, programme) = await desk.ProgrammeAsync();
        var title = $"Ensemble <b>{RandomNumberGenerator.GetHexString(6)}</b> 🌷";
        var page = await desk.SignInAsync(desk.Buyer, 360);
        await page.GetByRole(AriaRole.Link, new() { Name = "Piloter les groupements" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Ouvrir un groupement" }).ClickAsync();
        await page.Locator("main .card", new() { HasText = "Artois Cyber Services" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Pour 10 postes au premier palier, soit 618,10");
        await Assertions.Expect(page.Locator("aside .panel", new() { HasText = programme })).ToContainTextAsync("30\u00a0% du montant\u00a0: 185,43\u00a0€ au plus.");
        await page.GetByLabel("Titre").FillAsync(title);
        await page.GetByLabel("Clôture").FillAsync("2020-01-01T12:00");
        await page.GetByLabel("Quantité maximale").FillAsync("60");
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir le groupement" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("Choisissez une date à venir");
        await Assertions.Expect(page.GetByLabel("Titre")).ToHaveValueAsync(title);
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByLabel("Clôture").FillAsync(portal.Now.AddDays(5).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await page.GetByRole(AriaRole.Button, new() { Name = "Ouvrir le groupement" }).DblClickAsync();
        await page.WaitForURLAsync(OwnPage());
        var pool = Guid.Parse(new Uri(page.Url).Segments[^1]);
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync(title);

        await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync("Chez Lou"), pool, 20);
        await Assertions.Expect(page.Locator("#etat")).ToContainTextAsync("1 entreprise, 20 postes", new() { Timeout = 30_000 });
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator("#etat")).ToContainTextAsync("Chez Lou");
        await Assertions.Expect(page.Locator("#etat tr", new() { HasText = programme })).ToContainTextAsync("Suffisant");
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("Possible seulement quand le groupement est plein");

        await page.GetByLabel("Nouvelle clôture").FillAsync(portal.Now.AddDays(90).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await page.GetByRole(AriaRole.Button, new() { Name = "Prolonger le groupement" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("30 jours en tout");
        await page.GetByLabel("Nouvelle clôture").FillAsync(portal.Now.AddDays(12).ToString("yyyy-MM-dd'T'HH:mm", CultureInfo.InvariantCulture));
        await page.GetByRole(AriaRole.Button, new() { Name = "Prolonger le groupement" }).ClickAsync();
        await Assertions.Expect(page.Locator("p.note.good")).ToContainTextAsync("La clôture est reportée");

        await page.GetByRole(AriaRole.Link, new() { Name = "Voir qui serait informé" }).ClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("1 entreprise apprend que son engagement est annulé");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Artois Cyber Services apprend qu'il n'y aura pas de commande");
        await page.GetByLabel("Motif").FillAsync("Budget refusé <script>alert(1)</script>");
        await page.GetByRole(AriaRole.Button, new() { Name = "Annuler le groupement" }).DblClickAsync();
        await Assertions.Expect(page.Locator("#etat")).ToContainTextAsync("Budget refusé <script>alert(1)</script>");
        await page.GotoAsync($"/pilotage/{pool}/annulation");
        await Assertions.Expect(page.Locator(".note.warn")).ToContainTextAsync("ne peut plus être annulé");
    }

    [Fact]
    public async Task a_full_pool_is_closed_early_and_a_business_released_with_a_reason()
    {
        var (programme, _) = await desk.ProgrammeAsync();
        var pool = await desk.PoolAsync("Groupement plein", programme);
        await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync("Garage du Nord"), pool, 40);
        await desk.Businesses.CommitAsync(await desk.Businesses.RegisterAsync("Librairie <b>Plume</b>"), pool, 20);
        var page = await desk.SignInAsync(desk.Buyer);
        await page.GotoAsync($"/pilotage/{pool}");
        await Assertions.Expect(page.Locator("aside")).ToContainTextAsync("2 entreprises");
        await page.GetByRole(AriaRole.Button, new() { Name = "Fermer le groupement" }).DblClickAsync();
        await Assertions.Expect(page.Locator("p.note.good")).ToContainTextAsync("Le groupement est fermé");
        await BusinessDesk.UntilAsync(page, "Payé");
        await page.GetByRole(AriaRole.Link, new() { Name = "Librairie <b>Plume</b>" }).ClickAsync();
        await BusinessDesk.UntilAsync(page, "Elle a payé : elle est remboursée en entier");
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByLabel("Motif").FillAsync("   ");
        await page.GetByRole(AriaRole.Button, new() { Name = "Libérer l'entreprise" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("Indiquez un motif");
        await page.GetByLabel("Motif").FillAsync("Cessation d'activité");
        await page.GetByRole(AriaRole.Button, new() { Name = "Libérer l'entreprise" }).ClickAsync();
        await Assertions.Expect(page.Locator("p.note.good")).ToContainTextAsync("L'entreprise est libérée");
        await Assertions.Expect(page.Locator("tr", new() { HasText = "SIREN" }).Filter(new() { HasText = "Plume" })).ToContainTextAsync("Libéré");
    }

    [GeneratedRegex("/pilotage/[0-9a-f]{8}-")]
    private static partial Regex OwnPage();
}
