using Marketplace.Events.Accreditation;
using Marketplace.Events.PooledOrders;
using Marketplace.Local.Campaigns;
using Marketplace.Portal.Api;
using Marketplace.Portal.Notifications;
using Marketplace.Portal.Texts;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.Portal.Tests;

/// <summary>From a fact on the bus, through the sidecar, to the bell in the reader's browser.</summary>
public sealed class NotificationJourney(PortalFixture portal) : IDisposable
{
    private readonly BusinessDesk desk = new(portal);

    public static TheoryData<string> Kinds =>
    [
        "pool-closes-soon", "next-tier-near", "pool-confirmed", "pool-failed", "pool-cancelled", "payment-failed", "delivery-declared", "order-confirmed", "delivery-refused", "evidence-expires",
        "accreditation-expires",
    ];

    public void Dispose() => desk.Dispose();

    [Fact]
    public async Task a_business_is_told_reads_goes_there_and_marks_the_rest_as_read()
    {
        var business = await desk.RegisterAsync();
        var pool = await portal.OpenPoolAsync("Sauvegarde & <b>pare-feu</b> 🌷");
        var commitment = await desk.CommitAsync(business, pool, 3);
        var organisation = await OrganisationAsync(business);
        var page = await desk.SignInAsync(business, 360);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Notifications", Exact = true })).ToBeVisibleAsync();

        await portal.PublishAsync(Notice("next-tier-near", pool, organisation, commitment));
        await portal.PublishAsync(Notice("pool-closes-soon", pool, organisation, commitment, later: 1));
        var last = Notice("payment-failed", pool, organisation, commitment, later: 2);
        await portal.PublishAsync(last);
        await portal.PublishAsync(last);
        await UntilAsync(page, "Notifications, 3 non lues");
        await page.GetByRole(AriaRole.Link, new() { Name = "Notifications, 3 non lues" }).ClickAsync();
        await page.WaitForURLAsync("**/mes-notifications");
        await Expect(page.Locator(".notice h2")).ToHaveTextAsync(["Non lue Le paiement a été refusé", "Non lue Le groupement ferme bientôt", "Non lue Le palier suivant est proche"]);
        await Expect(page.Locator(".notice").Last).ToContainTextAsync("«\u00a0Sauvegarde & <b>pare-feu</b> 🌷\u00a0» approche du palier suivant. Il manque 7 unités. Le prix passerait à 29,90\u00a0€ HT par unité.");
        await Expect(page.Locator(".notice").First).ToContainTextAsync("Montant à payer\u00a0: 123,45\u00a0€.");
        await AccountsFixture.CheckAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Voir mon engagement – Le paiement a été refusé" }).ClickAsync();
        await page.WaitForURLAsync($"**/mes-engagements/{commitment}");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Notifications, 2 non lues" })).ToBeVisibleAsync();

        await page.GotoAsync("/mes-notifications");
        await Expect(page.Locator(".notice.unread")).ToHaveCountAsync(2);
        var second = await page.Context.NewPageAsync();
        await second.GotoAsync("/mes-notifications");
        await portal.PublishAsync(Notice("delivery-declared", pool, organisation, commitment, later: 3));
        await UntilAsync(second, "Notifications, 3 non lues");
        await page.GetByRole(AriaRole.Button, new() { Name = "Tout marquer comme lu" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Tout est marqué comme lu.");
        await Expect(page.Locator(".notice.unread h2")).ToHaveTextAsync(["Non lue Une livraison est déclarée"]);
        await page.GoBackAsync();
        await page.GotoAsync("/mes-notifications");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Notifications, 1 non lue" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task what_the_services_have_told_during_the_campaign_has_come_through_the_bus()
    {
        var page = await desk.SignInAsync(new Account("business", "b01@entreprise.example", portal.Password));
        await page.GotoAsync("/mes-notifications");
        await Expect(page.Locator(".notice h2", new() { HasText = "Le groupement est confirmé" }).First).ToBeVisibleAsync();
        await page.Locator(".notice", new() { HasText = "Le groupement est confirmé" }).First.GetByRole(AriaRole.Button, new() { Name = "Voir mon engagement" }).ClickAsync();
        await page.WaitForURLAsync("**/mes-engagements/*");
    }

    [Fact]
    public async Task mails_are_switched_off_and_their_language_chosen_without_scripts()
    {
        var business = await desk.RegisterAsync();
        var page = await portal.NewReaderAsync(360, scripts: false);
        await page.GotoAsync("/connexion?retour=/mes-notifications");
        await BusinessDesk.SignInHereAsync(page, business);
        await Expect(page.Locator(".empty")).ToContainTextAsync("Rien pour l'instant");
        await Expect(page.Locator(".note")).ToContainTextAsync("n'est pas en service");
        var choice = page.GetByLabel($"M'écrire aussi à {business.Email}");
        await Expect(choice).ToBeCheckedAsync();
        await choice.UncheckAsync();
        await page.GetByLabel("Langue des courriels").SelectOptionAsync("English");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Votre choix est enregistré.");
        await Expect(choice).Not.ToBeCheckedAsync();
        await Expect(page.GetByLabel("Langue des courriels")).ToHaveValueAsync("en");
    }

    [Fact]
    public async Task a_long_list_pages_on_in_the_readers_language_and_the_menu_stays_in_the_window()
    {
        var provider = await desk.RegisterAsync();
        var organisation = await OrganisationAsync(provider);
        for (var i = 0; i < 12; i++)
        {
            await portal.PublishAsync(Notice("pool-cancelled", Guid.NewGuid(), organisation, null, later: i));
            await portal.PublishAsync(new AccreditationNoticeGiven(Guid.NewGuid(), "evidence-expires", organisation, "AGR-7", "liability-insurance", portal.Now.UtcDateTime.AddDays(30), portal.Now.UtcDateTime.AddHours(i), 1));
        }

        foreach (var (width, language, bell) in new[] { (360, "fr", "Notifications, 24 non lues"), (1280, "en", "Notifications, 24 unread") })
        {
            var page = await desk.SignInAsync(provider, width, language);
            await UntilAsync(page, bell);
            await page.GotoAsync("/mes-notifications");
            Assert.Equal(language, await page.EvaluateAsync<string>("document.documentElement.lang"));
            await Expect(page.Locator(".notice")).ToHaveCountAsync(20);
            await AccountsFixture.CheckAsync(page);
            await page.GetByRole(AriaRole.Link, new() { Name = language == "fr" ? "Suite de la liste" : "More" }).ClickAsync();
            await Expect(page.Locator(".notice")).ToHaveCountAsync(4);
            await AccountsFixture.CheckAsync(page);
            if (width == 360)
            {
                await page.GetByText("Menu").ClickAsync();
                await AccountsFixture.CheckAsync(page);
                Assert.True(await page.Locator(".menu > div").EvaluateAsync<bool>("e => e.getBoundingClientRect().left >= 0"), "The menu begins left of the window.");
            }
        }
    }

    [Fact]
    public async Task somebody_elses_notification_and_a_forged_form_are_refused()
    {
        var (business, other) = (await desk.RegisterAsync(), await desk.RegisterAsync());
        await portal.PublishAsync(Notice("pool-failed", Guid.NewGuid(), await OrganisationAsync(business), null));
        var mine = await desk.SignInAsync(business);
        await UntilAsync(mine, "Notifications, 1 non lue");
        await portal.PublishAsync(Notice("pool-failed", Guid.NewGuid(), await OrganisationAsync(other), null));
        var page = await desk.SignInAsync(other);
        await UntilAsync(page, "Notifications, 1 non lue");
        await mine.GotoAsync("/mes-notifications");
        await page.GotoAsync("/mes-notifications");
        var id = await mine.Locator("button[name=Opened]").GetAttributeAsync("value");
        foreach (var forged in new[] { id, "x", $"{Guid.NewGuid()}" })
        {
            await page.Locator("button[name=Opened]").EvaluateAsync("(b, v) => b.value = v", forged);
            await page.Locator("button[name=Opened]").ClickAsync();
            await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
            await page.GotoAsync("/mes-notifications");
        }

        await mine.ReloadAsync();
        await Expect(mine.Locator(".notice.unread")).ToHaveCountAsync(1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void each_kind_is_said_in_full_in_both_languages(string kind)
    {
        var fields = new NoticeFields(Guid.NewGuid(), "Titre", null, 1, 2, 3, kind.EndsWith("expires", StringComparison.Ordinal) ? "AGR-1" : null, "kbis-extract", DateTime.UtcNow);
        foreach (var wording in new[] { Wording.French, Wording.English })
        {
            var full = new NoticeText(wording, new Notice(Guid.NewGuid(), kind, fields, DateTime.UtcNow, null));
            var bare = new NoticeText(wording, new Notice(Guid.NewGuid(), kind, new NoticeFields(), DateTime.UtcNow, null));
            var unknown = new NoticeText(wording, new Notice(Guid.NewGuid(), "of-a-later-version", fields, DateTime.UtcNow, null));
            Assert.NotEqual(unknown.Title, full.Title);
            Assert.Contains("Titre", full.Subject, StringComparison.Ordinal);
            Assert.All(new[] { full, bare, unknown }, t => Assert.DoesNotMatch("[{}]", t.Sentences + t.Open + t.Path + t.Letter("Rose", path => new Uri(new Uri("https://a.test"), path))));
        }
    }

    private static PoolNoticeGiven Notice(string kind, Guid pool, Guid organisation, Guid? commitment, int later = 0) => new(
        Guid.NewGuid(), kind, pool, "Sauvegarde & <b>pare-feu</b> 🌷", [new NoticeRecipient(organisation, commitment, 123_45)], DateTime.UtcNow.AddDays(2), 7, 29_90, DateTime.UtcNow.AddMinutes(later), 1);

    private async Task<Guid> OrganisationAsync(Account account)
    {
        using var api = new MarketplaceClient(portal.Address);
        return Guid.Parse((await api.GetAsync("/api/auth/me", account, TestContext.Current.CancellationToken)).OrThrow().Body.GetProperty("organisation").GetProperty("id").GetString()!);
    }

    /// <summary>Looks again until the bell says so: facts arrive within about a second.</summary>
    private static async Task UntilAsync(IPage page, string bell)
    {
        for (var i = 0; i < 60; i++)
        {
            await page.ReloadAsync();
            if (await page.GetByRole(AriaRole.Link, new() { Name = bell, Exact = true }).CountAsync() == 1)
            {
                return;
            }

            await Task.Delay(250);
        }

        await Expect(page.Locator(".bell")).ToHaveAccessibleNameAsync(bell);
    }
}
