using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.Portal.Tests;

/// <summary>Passwords, two-factor sign-in and sessions, in the browser.</summary>
[Collection(nameof(AccountsFixture))]
public sealed partial class AccountsJourney(AccountsFixture accounts)
{
    [Fact]
    public async Task a_forgotten_password_is_replaced_by_a_link_that_works_once()
    {
        var email = await accounts.RegisterAsync();
        var page = await accounts.NewReaderAsync(360);
        await page.GotoAsync("/connexion");
        await page.GetByRole(AriaRole.Link, new() { Name = "Mot de passe oublié" }).ClickAsync();
        await page.GetByLabel("Adresse électronique").FillAsync(email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Envoyer le lien" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("un lien vient d'y être envoyé");

        var link = await accounts.LinkAsync(email);
        await page.GotoAsync(link);
        await page.GetByLabel("Nouveau mot de passe").FillAsync("court");
        await page.GetByRole(AriaRole.Button, new() { Name = "Changer le mot de passe" }).ClickAsync();
        await Expect(page.GetByText("Choisissez un mot de passe plus long")).ToBeVisibleAsync();
        await AccountsFixture.CheckAsync(page);
        await page.GetByLabel("Nouveau mot de passe").FillAsync("une-autre-phrase-de-passe-8");
        await page.GetByRole(AriaRole.Button, new() { Name = "Changer le mot de passe" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Se connecter" }).Last.ClickAsync();
        await AccountsFixture.TypeAsync(page, email, "une-autre-phrase-de-passe-8");
        await page.WaitForURLAsync("**/mon-espace");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Bonjour Rose");

        await page.GotoAsync(link);
        await page.GetByLabel("Nouveau mot de passe").FillAsync("encore-une-phrase-de-passe-9");
        await page.GetByRole(AriaRole.Button, new() { Name = "Changer le mot de passe" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("ce lien n'est plus valable");
        await AccountsFixture.CheckAsync(page);
    }

    [Fact]
    public async Task two_factor_sign_in_is_set_up_with_an_app_and_asked_for_from_then_on()
    {
        var email = await accounts.RegisterAsync();
        var page = await accounts.SignedInAsync(email);
        await page.GotoAsync("/mon-compte");
        await page.GetByRole(AriaRole.Link, new() { Name = "Activer la double authentification" }).ClickAsync();
        await page.GetByLabel("Mot de passe actuel").FillAsync(AccountsFixture.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Activer la double authentification" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "Code à lire avec l'application" })).ToBeVisibleAsync();
        await AccountsFixture.CheckAsync(page);
        var secret = await page.Locator("code.secret").InnerTextAsync();
        await page.GetByLabel("Code à six chiffres").FillAsync("000000");
        await page.GetByRole(AriaRole.Button, new() { Name = "Vérifier et activer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("le code est faux");
        Assert.Equal(secret, await page.Locator("code.secret").InnerTextAsync());
        await page.GetByLabel("Code à six chiffres").FillAsync(Authenticator.Code(secret));
        await page.GetByRole(AriaRole.Button, new() { Name = "Vérifier et activer" }).ClickAsync();
        await Expect(page.Locator(".codes li")).ToHaveCountAsync(10);
        await AccountsFixture.CheckAsync(page);
        var recovery = await page.Locator(".codes code").First.InnerTextAsync();

        var other = await accounts.NewReaderAsync(360);
        await other.GotoAsync("/mon-compte");
        await AccountsFixture.TypeAsync(other, email, AccountsFixture.Password);
        await Expect(other.Locator("main")).ToContainTextAsync(email);
        await other.GetByLabel("Code de vérification").FillAsync("123");
        await other.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Alert)).ToContainTextAsync("le code est faux");
        await AccountsFixture.CheckAsync(other);
        Assert.DoesNotContain(AccountsFixture.Password, await other.ContentAsync(), StringComparison.Ordinal);
        await other.GetByLabel("Code de vérification").FillAsync(Authenticator.Code(secret, stepsLater: 1));
        await other.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await other.WaitForURLAsync("**/mon-compte");

        await other.GotoAsync("/mon-compte/double-authentification");
        await Expect(other.Locator("main")).ToContainTextAsync("10 codes de secours");
        await other.GetByLabel("Mot de passe actuel").FillAsync(AccountsFixture.Password);
        await other.GetByLabel("Code de vérification").FillAsync(recovery);
        await other.GetByRole(AriaRole.Button, new() { Name = "Désactiver la double authentification" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.Status)).ToContainTextAsync("désactivée");
    }

    [Fact]
    public async Task an_ended_session_is_led_to_the_sign_in_and_a_kept_cookie_opens_nothing()
    {
        var email = await accounts.RegisterAsync();
        var (here, there) = (await accounts.SignedInAsync(email), await accounts.SignedInAsync(email));
        await here.GotoAsync("/mon-compte");
        await here.GetByRole(AriaRole.Button, new() { Name = "Fermer la session" }).ClickAsync();
        await Expect(here.GetByRole(AriaRole.Status)).ToHaveTextAsync("La session est fermée.");
        await there.GotoAsync("/mon-compte");
        await there.WaitForURLAsync("**/connexion?retour=*");
        await AccountsFixture.TypeAsync(there, email, AccountsFixture.Password);
        await there.WaitForURLAsync("**/mon-compte");

        var kept = (await there.Context.CookiesAsync()).Single(c => c.Name == "session");
        await there.GetByRole(AriaRole.Button, new() { Name = "Se déconnecter" }).ClickAsync();
        await Expect(there.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Vous êtes déconnecté");
        await there.Context.AddCookiesAsync([new() { Name = kept.Name, Value = kept.Value, Url = accounts.Gateway.Http.BaseAddress!.ToString() }]);
        await there.GotoAsync("/mon-compte");
        Assert.Contains("/connexion", there.Url, StringComparison.Ordinal);
        await here.ReloadAsync();
        await Expect(here.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Mon compte");
    }

    [Fact]
    public async Task each_sign_in_gets_a_cookie_of_its_own_whatever_was_there_before()
    {
        var email = await accounts.RegisterAsync();
        var page = await accounts.SignedInAsync(email);
        var planted = (await page.Context.CookiesAsync()).Single(c => c.Name == "session");
        var victim = await accounts.NewReaderAsync();
        await victim.Context.AddCookiesAsync([new() { Name = planted.Name, Value = planted.Value, Url = accounts.Gateway.Http.BaseAddress!.ToString() }]);
        await victim.GotoAsync("/connexion");
        await AccountsFixture.TypeAsync(victim, await accounts.RegisterAsync(), AccountsFixture.Password);
        await victim.WaitForURLAsync("**/mon-espace");
        Assert.NotEqual(planted.Value, (await victim.Context.CookiesAsync()).Single(c => c.Name == "session").Value);
        await page.GotoAsync("/mon-compte");
        await Expect(page.Locator("main")).ToContainTextAsync(email);
    }

    [Fact]
    public async Task name_and_password_are_changed_and_what_was_typed_is_shown_as_text()
    {
        var email = await accounts.RegisterAsync();
        var page = await accounts.SignedInAsync(email, width: 360);
        await page.GotoAsync("/mon-compte");
        await page.GetByLabel("Votre nom").FillAsync("<script>alert(1)</script> Zoé 🌷");
        await page.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("Le nom est enregistré.");
        await page.GotoAsync("/mon-espace");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Bonjour <script>alert(1)</script> Zoé 🌷");
        await page.GotoAsync("/mon-compte");
        await page.GetByLabel("Mot de passe actuel").FillAsync("faux");
        await page.GetByLabel("Nouveau mot de passe").FillAsync("une-autre-phrase-de-passe-8");
        await page.GetByRole(AriaRole.Button, new() { Name = "Changer le mot de passe" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("le mot de passe actuel est faux");
        await page.GetByLabel("Mot de passe actuel").FillAsync(AccountsFixture.Password);
        await page.GetByLabel("Nouveau mot de passe").FillAsync("une-autre-phrase-de-passe-8");
        await page.GetByRole(AriaRole.Button, new() { Name = "Changer le mot de passe" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Le mot de passe est changé");
    }

    [Fact]
    public async Task after_ten_wrong_passwords_the_page_says_to_wait()
    {
        var email = await accounts.RegisterAsync();
        for (var i = 0; i < 10; i++)
        {
            await accounts.Gateway.PostAsync("/api/auth/token", new { email, password = "faux" }, null);
        }

        var page = await accounts.NewReaderAsync();
        await page.GotoAsync("/connexion");
        await AccountsFixture.TypeAsync(page, email, AccountsFixture.Password);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("trop d'essais");
        await Expect(page.GetByLabel("Adresse électronique")).ToHaveValueAsync(email);
    }

    [Fact]
    public async Task over_https_cookies_are_bound_to_this_very_host()
    {
        await using var gateway = await accounts.StartAsync(new() { ["Portal__Https"] = "true", ["Proxies__Trusted"] = "127.0.0.0/8" });
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = gateway.Http.BaseAddress };
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        using var form = await http.GetAsync("/connexion");
        var antiforgery = Assert.Single(form.Headers.GetValues("Set-Cookie"));
        Assert.StartsWith("__Host-antiforgery=", antiforgery, StringComparison.Ordinal);

        using var request = new HttpRequestMessage(HttpMethod.Post, "/connexion")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__token"] = Token().Match(await form.Content.ReadAsStringAsync()).Groups[1].Value,
                ["Form.Email"] = AccountsFixture.AdminEmail,
                ["Form.Password"] = AccountsFixture.AdminPassword,
            }),
        };
        request.Headers.Add("Cookie", antiforgery.Split(';')[0]);
        using var answer = await http.SendAsync(request);
        Assert.Equal(HttpStatusCode.Found, answer.StatusCode);
        var session = Assert.Single(answer.Headers.GetValues("Set-Cookie"), c => c.StartsWith("__Host-session=", StringComparison.Ordinal)).ToLowerInvariant();
        Assert.All(new[] { "; path=/", "; secure", "; httponly", "; samesite=lax" }, part => Assert.Contains(part, session, StringComparison.Ordinal));
        Assert.DoesNotContain("domain=", session, StringComparison.Ordinal);
    }

    [GeneratedRegex("""name="__token" value="([^"]+)""")]
    private static partial Regex Token();
}
