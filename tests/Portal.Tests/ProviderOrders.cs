using System.Security.Cryptography;
using System.Text;
using Marketplace.Portal.Provider;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A provider delivers what a confirmed pool ordered, in the browser.</summary>
public sealed class ProviderOrders(PortalFixture portal) : IDisposable
{
    private const string Reason = "<script>alert(1)</script> Il manque 20 postes 🌷";
    private readonly ProviderDesk desk = new(portal);
    private readonly BusinessDesk businesses = new(portal);

    public void Dispose()
    {
        desk.Dispose();
        businesses.Dispose();
    }

    [Fact]
    public async Task a_short_delivery_is_previewed_declared_refused_and_corrected()
    {
        var title = $"Livraison {RandomNumberGenerator.GetHexString(6)}";
        var pool = await portal.OpenPoolAsync(title);
        var page = await desk.SignInAsync(desk.Campaign);
        await page.GotoAsync($"/mes-commandes/{pool}");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("disponibles dès la confirmation");

        var (rose, lou) = (await businesses.RegisterAsync("Rose & Cie"), await businesses.RegisterAsync("Chez Lou"));
        var first = await businesses.CommitAsync(rose, pool, 200);
        await businesses.CommitAsync(lou, pool, 120);
        await businesses.CloseAsync(pool);
        await BusinessDesk.UntilAsync(page, "320 unités payées");
        Assert.Empty(await Axe.ViolationsAsync(page));

        var file = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Link, new() { Name = "Télécharger le fichier" }).ClickAsync());
        var csv = await File.ReadAllTextAsync(await file.PathAsync(), Encoding.UTF8, TestContext.Current.CancellationToken);
        Assert.Contains("Rose & Cie;", csv, StringComparison.Ordinal);
        Assert.StartsWith("orders-", file.SuggestedFilename, StringComparison.Ordinal);

        await page.GetByLabel("Quantité livrée").FillAsync("321");
        await page.EvaluateAsync("document.querySelector('form[data-refresh]').noValidate = true");
        await page.GetByRole(AriaRole.Button, new() { Name = "Déclarer la livraison" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("de 0 à 320");
        await page.GetByLabel("Quantité livrée").FillAsync("300");
        await Assertions.Expect(page.Locator("#partage tbody tr").First).ToContainTextAsync("188");
        await Assertions.Expect(page.Locator("#partage tbody tr").Last).ToContainTextAsync("112");
        await page.GetByRole(AriaRole.Button, new() { Name = "Déclarer la livraison" }).DblClickAsync();
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("réponse attendue avant le");
        Assert.Equal([188, 112], (await desk.OrdersAsync(pool)).Select(o => o.Delivered ?? 0));

        await desk.RefuseAsync(rose, first, Reason);
        await page.ReloadAsync();
        await Assertions.Expect(page.Locator(".note.bad")).ToContainTextAsync("Rose & Cie refuse la livraison : <script>alert(1)</script> Il manque 20 postes");
        await page.Locator($"a[href='/mes-commandes/{pool}/{first}']").ClickAsync();
        Assert.Empty(await Axe.ViolationsAsync(page));
        await page.GetByLabel("Quantité livrée").FillAsync("200");
        await page.GetByRole(AriaRole.Button, new() { Name = "Déclarer la livraison" }).ClickAsync();
        await page.WaitForURLAsync($"**/mes-commandes/{pool}");
        Assert.Equal([200, 112], (await desk.OrdersAsync(pool)).Select(o => o.Delivered ?? 0));

        await page.GotoAsync("/mes-creances");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(title);
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("Fonds cyber communal");
    }

    [Fact]
    public async Task another_providers_orders_are_not_found_and_an_account_is_saved_only_when_it_is_one()
    {
        var page = await desk.SignInAsync(await desk.RegisterAsync(), 360);
        Assert.Equal(404, (await page.GotoAsync($"/mes-commandes/{portal.OpenPool}"))!.Status);
        Assert.Equal(404, (await page.GotoAsync($"/mes-commandes/{portal.OpenPool}/{Guid.NewGuid()}"))!.Status);
        Assert.Equal(404, (await page.GotoAsync($"/mes-packs/{Guid.NewGuid()}"))!.Status);
        await page.GotoAsync("/mes-creances");
        await page.GetByLabel("IBAN", new() { Exact = true }).FillAsync("FR76 1234");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer l'IBAN" }).ClickAsync();
        await Assertions.Expect(page.Locator(".field .error")).ToContainTextAsync("Cet IBAN n'est pas valide");
        await page.GetByLabel("IBAN", new() { Exact = true }).FillAsync("FR14 2004 1010 0505 0001 3M02 606");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer l'IBAN" }).ClickAsync();
        await Assertions.Expect(page.Locator(".note.good")).ToContainTextAsync("IBAN enregistré");
        await Assertions.Expect(page.GetByLabel("IBAN", new() { Exact = true })).ToHaveValueAsync("FR14 2004 1010 0505 0001 3M02 606");
    }

    [Theory]
    [InlineData(30, new[] { 20, 15, 12 }, new[] { 13, 9, 8 })]
    [InlineData(0, new[] { 20, 15 }, new[] { 0, 0 })]
    [InlineData(35, new[] { 20, 15 }, new[] { 20, 15 })]
    [InlineData(1, new[] { 1, 1, 1 }, new[] { 1, 0, 0 })]
    public void a_short_delivery_is_previewed_as_it_will_be_shared(int quantity, int[] ordered, int[] shares) => Assert.Equal(shares, Shares.Of(quantity, ordered));
}
