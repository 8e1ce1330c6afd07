using System.Text.RegularExpressions;
using System.Web;
using Marketplace.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.Portal.Tests;

/// <summary>
/// Sign-in by the certified provider in the browser. The marketplace is read as localhost and the provider as 127.0.0.1, so
/// that they are different sites to the browser, as they are in life.
/// </summary>
[Collection(nameof(AccountsFixture))]
public sealed partial class OpenIdJourney(AccountsFixture accounts) : IAsyncLifetime
{
    private readonly OpenIdProvider provider = new();
    private readonly string siret = TestOrganisation.New().Siret;
    private ServiceProcess gateway = null!;

    private Uri Site => new UriBuilder(gateway.Http.BaseAddress!) { Host = "localhost" }.Uri;

    private object People => new
    {
        boulangere = new { email = "awa@boulangerie.example", given_name = "Awa", usual_name = "Diop", siret, organization_label = "Boulangerie Diop" },
        acheteuse = new { email = "achats@ville.example", given_name = "Inès", usual_name = "Petit", roles = new[] { "acheteurs" } },
        maire = new { email = AccountsFixture.AdminEmail, given_name = "Paul", usual_name = "Roy", roles = new[] { "direction" } },
        passant = new { email = "passant@example.org", given_name = "Jo", usual_name = "Lé" },
    };

    public async ValueTask InitializeAsync()
    {
        gateway = await accounts.StartAsync(provider.Settings);
        await provider.StartAsync(Site, People);
    }

    public async ValueTask DisposeAsync()
    {
        await gateway.DisposeAsync();
        await provider.DisposeAsync();
    }

    [Fact]
    public async Task a_business_signs_in_by_the_provider_registers_and_signs_out_of_both()
    {
        var page = await ReaderAsync();
        await LeaveAsync(page);
        Assert.StartsWith(provider.Issuer, page.Url, StringComparison.Ordinal);
        var asked = HttpUtility.ParseQueryString((await provider.AskedAsync()).Single(a => a.StartsWith("/auth?", StringComparison.Ordinal))["/auth?".Length..]);
        Assert.Equal(("code", "S256", 43), (asked["response_type"], asked["code_challenge_method"], asked["code_challenge"]!.Length));
        await LogInAsync(page, "boulangere");

        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Première connexion");
        await Expect(page.Locator("main")).ToContainTextAsync(siret);
        await AccountsFixture.CheckAsync(page);
        await page.GetByLabel("Département").FillAsync("99");
        await page.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).ClickAsync();
        await Expect(page.GetByText("Indiquez un code de département")).ToBeVisibleAsync();
        await page.GetByLabel("Département").FillAsync("62");
        await page.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).ClickAsync();
        await page.WaitForURLAsync("**/mon-espace");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Bonjour Awa Diop");
        await Expect(page.Locator("main")).ToContainTextAsync("Boulangerie Diop");

        await GoAsync(page, "/mon-compte");
        await Expect(page.Locator("main")).ToContainTextAsync("Vous vous connectez avec ProConnect depuis le");
        await Expect(page.Locator("main")).ToContainTextAsync("Ce compte n'a pas de mot de passe ici");
        await AccountsFixture.CheckAsync(page);

        await page.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await page.WaitForURLAsync($"{provider.Issuer}/session/end?*");
        var ends = HttpUtility.ParseQueryString(new Uri(page.Url).Query);
        Assert.Equal((3, new Uri(Site, "/deconnexion").ToString()), (ends["id_token_hint"]!.Split('.').Length, ends["post_logout_redirect_uri"]));
        Assert.InRange(ends["state"]!.Length, 32, 100);
        await page.GetByRole(AriaRole.Button, new() { Name = "Yes, sign me out" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Vous êtes déconnecté");
        Assert.StartsWith(Site.ToString(), page.Url, StringComparison.Ordinal);
        await GoAsync(page, "/mon-compte");
        Assert.Contains("/connexion?retour=", page.Url, StringComparison.Ordinal);

        await LeaveAsync(page);
        await LogInAsync(page, "boulangere");
        await page.WaitForURLAsync("**/mon-compte");
    }

    [Fact]
    public async Task the_provider_itself_refuses_a_sign_in_without_pkce()
    {
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        using var answer = await http.GetAsync(new Uri(Site, "/connexion/openid"));
        using var without = await http.GetAsync(Challenge().Replace(answer.Headers.Location!.OriginalString, ""));
        var refused = HttpUtility.ParseQueryString(without.Headers.Location!.Query);
        Assert.Equal("invalid_request", refused["error"]);
        Assert.Contains("PKCE", refused["error_description"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task who_cancels_there_is_told_so_here_and_may_try_again()
    {
        var page = await ReaderAsync(360);
        await LeaveAsync(page);
        await page.GetByText("Cancel").ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("vous avez annulé la connexion");
        await AccountsFixture.CheckAsync(page);
        await GoAsync(page, "/connexion/openid/retour?code=x&state=y");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("cette connexion a expiré ou a déjà servi");
        await GoAsync(page, "/connexion/premiere-fois");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("a expiré");
        await AccountsFixture.CheckAsync(page);
        await GoAsync(page, "/connexion");
        await LeaveAsync(page);
        await LogInAsync(page, "passant");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("ni rôle ni SIRET");
    }

    [Fact]
    public async Task staff_is_let_in_with_its_roles_also_after_the_provider_changed_its_key()
    {
        var page = await ReaderAsync();
        await LeaveAsync(page);
        await LogInAsync(page, "acheteuse");
        await page.WaitForURLAsync("**/mon-espace");
        await Expect(page.Locator("main a[href='/pilotage']")).ToBeVisibleAsync();

        await provider.StartAsync(Site, People, "second");
        await Task.Delay(TimeSpan.FromSeconds(6), TestContext.Current.CancellationToken);
        var other = await ReaderAsync();
        await LeaveAsync(other);
        await LogInAsync(other, "acheteuse");
        await other.WaitForURLAsync("**/mon-espace");
    }

    [Fact]
    public async Task an_account_with_a_password_is_linked_by_giving_it_once()
    {
        var page = await ReaderAsync(360);
        await GoAsync(page, "/connexion?retour=/administration/agents");
        await LeaveAsync(page);
        await LogInAsync(page, "maire");
        await Expect(page.Locator("main")).ToContainTextAsync("Saisissez son mot de passe une seule fois");
        await AccountsFixture.CheckAsync(page);
        await page.GetByLabel("Mot de passe").FillAsync("faux");
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("le mot de passe actuel est faux");
        await page.GetByLabel("Mot de passe").FillAsync(AccountsFixture.AdminPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await page.WaitForURLAsync("**/administration/agents");

        var other = await ReaderAsync();
        await LeaveAsync(other);
        await LogInAsync(other, "maire");
        await other.WaitForURLAsync("**/mon-espace");
    }

    [Fact]
    public async Task the_sign_in_page_is_accessible_in_both_themes_and_languages_on_a_phone_and_a_screen()
    {
        foreach (var language in new[] { "fr", "en" })
        {
            var paths = new[] { "/connexion?", "/connexion?refus=openid-other-organisation&", "/deconnexion?", $"{Visits.FirstSignIn}?" };
            Assert.Empty(await PageCheck.ReadAsync(await accounts.NewReaderAsync(), language, paths.Select(path => new Uri(Site, $"{path}lang={language}").ToString())));
        }
    }

    /// <summary>The provider's pages ask for a font from far away; the test does not wait for it.</summary>
    private async Task<IPage> ReaderAsync(int width = 1280)
    {
        var page = await accounts.NewReaderAsync(width);
        await page.RouteAsync("https://**", route => route.AbortAsync());
        return page;
    }

    private Task GoAsync(IPage page, string path) => page.GotoAsync(new Uri(Site, path).ToString());

    /// <summary>From the sign-in page to the provider's.</summary>
    private async Task LeaveAsync(IPage page)
    {
        if (!page.Url.Contains("/connexion", StringComparison.Ordinal))
        {
            await GoAsync(page, "/connexion");
        }

        await page.GetByRole(AriaRole.Link, new() { Name = "Se connecter avec ProConnect" }).ClickAsync();
        await page.Locator("input[name=login]").WaitForAsync();
    }

    /// <summary>Through the provider's own pages.</summary>
    private static async Task LogInAsync(IPage page, string login)
    {
        await page.Locator("input[name=login]").FillAsync(login);
        await page.Locator("input[name=password]").FillAsync("any");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign-in" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Continue" }).ClickAsync();
    }

    [GeneratedRegex("&code_challenge(_method)?=[^&]*")]
    private static partial Regex Challenge();
}
