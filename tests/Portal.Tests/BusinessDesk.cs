using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A business in the browser, and through the API what others do about its commitments.</summary>
internal sealed class BusinessDesk(PortalFixture portal) : IDisposable
{
    private const string BusinessPassword = "une-longue-phrase-de-passe-7";
    private readonly MarketplaceClient api = new(portal.Address);
    private readonly Account buyer = new("buyer", "achats@ville.example", portal.Password);
    private readonly Account provider = new("provider", "contact@artois-cyber.example", portal.Password);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => api.Dispose();

    /// <summary>A new business of the département 62.</summary>
    public async Task<Account> RegisterAsync(string name = "Fleurs & Cie")
    {
        var account = new Account("business", $"{RandomNumberGenerator.GetHexString(10).ToLowerInvariant()}@example.org", BusinessPassword);
        var organisation = new JsonObject { ["kind"] = "business", ["name"] = name, ["siret"] = TestOrganisation.New().Siret, ["departement"] = "62", ["headcount"] = 4 };
        var body = new JsonObject { ["email"] = account.Email, ["password"] = account.Password, ["displayName"] = "Rose", ["organisation"] = organisation };
        (await api.PostAsync("/api/auth/register", body, null, Ct)).OrThrow();
        return account;
    }

    /// <summary>Signs in on a new page.</summary>
    public async Task<IPage> SignInAsync(Account account, int width = 1280, string language = "fr", bool scripts = true)
    {
        var page = await portal.NewReaderAsync(width, language, scripts);
        await page.GotoAsync("/connexion");
        await SignInHereAsync(page, account);
        await page.WaitForURLAsync("**/mon-espace");
        return page;
    }

    /// <summary>Signs in on the sign-in page that is shown.</summary>
    public static async Task SignInHereAsync(IPage page, Account account)
    {
        await page.Locator("input[type=email]").FillAsync(account.Email);
        await page.Locator("input[type=password]").FillAsync(account.Password);
        await page.Locator("main form button").ClickAsync();
    }

    /// <summary>Fills the form of a pool's page and consents.</summary>
    public static async Task FillJoinAsync(IPage page, Guid pool, int quantity, string card = "Carte acceptée")
    {
        await page.GotoAsync($"/groupements/{pool}");
        await page.GetByLabel(card).CheckAsync();
        await page.GetByLabel("Quantité (postes)").FillAsync($"{quantity}");
        await ConsentAsync(page, quantity);
    }

    /// <summary>Waits for the quote of that quantity and ticks the consent.</summary>
    public static async Task ConsentAsync(IPage page, int quantity)
    {
        await Assertions.Expect(page.Locator("#devis tbody tr").First).ToContainTextAsync($"{quantity}");
        await page.WaitForTimeoutAsync(400);
        await page.GetByLabel("J'accepte d'être débité").CheckAsync();
        await page.WaitForTimeoutAsync(400);
        await Assertions.Expect(page.GetByLabel("J'accepte d'être débité")).ToBeCheckedAsync();
    }

    /// <summary>Presses the button that commits and waits for the commitment's page.</summary>
    /// <returns>The commitment.</returns>
    public static async Task<Guid> JoinAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Je m'engage" }).DblClickAsync();
        await page.WaitForURLAsync("**/mes-engagements/*");
        return Guid.Parse(new Uri(page.Url).Segments[^1]);
    }

    /// <summary>Joins through the API.</summary>
    public async Task<Guid> CommitAsync(Account business, Guid pool, int quantity) => Guid.Parse((await api.PostAsync(
        $"/api/pools/{pool}/commitments", new JsonObject { ["quantity"] = quantity, ["paymentMethod"] = "pm_card_visa" }, business, Ct)).OrThrow().Text("id")!);

    /// <summary>The commitments of a business, newest first.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Status)>> CommitmentsAsync(Account business) =>
        [.. (await api.ListAsync("/api/commitments", business, Ct)).Select(c => (c.GetProperty("id").GetGuid(), c.GetProperty("status").GetString()!))];

    /// <summary>The buyer closes a full pool.</summary>
    public async Task CloseAsync(Guid pool) => (await api.PostAsync($"/api/pools/{pool}/close", null, buyer, Ct)).OrThrow();

    /// <summary>The provider declares what it delivered, on the day the pool closed.</summary>
    public async Task DeliverAsync(Guid pool, Guid commitment, int quantity, Account? by = null)
    {
        var closedAt = (await api.GetAsync($"/api/pools/{pool}", null, Ct)).OrThrow().Body.GetProperty("closedAt").GetDateTime();
        var day = TimeZoneInfo.ConvertTimeFromUtc(closedAt.ToUniversalTime(), TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"));
        var body = new JsonObject { ["quantity"] = quantity, ["deliveredOn"] = day.ToString("yyyy-MM-dd") };
        (await api.PostAsync($"/api/commitments/{commitment}/delivery", body, by ?? provider, Ct)).OrThrow();
    }

    /// <summary>Reloads until the page says so.</summary>
    public static async Task UntilAsync(IPage page, string text)
    {
        for (var tries = 0; tries < 100 && !Plain(await page.Locator("main").InnerTextAsync()).Contains(Plain(text), StringComparison.Ordinal); tries++)
        {
            await page.WaitForTimeoutAsync(200);
            await page.ReloadAsync();
        }

        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(text);
    }

    /// <summary>As a reader reads it, whatever kind of space keeps words together.</summary>
    private static string Plain(string text) => text.Replace('\u00a0', ' ').Replace('\u202f', ' ');
}
