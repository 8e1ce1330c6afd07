using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.Portal.Tests;

/// <summary>The administrator's work, in the browser.</summary>
[Collection(nameof(AccountsFixture))]
public sealed class AdminJourney(AccountsFixture accounts)
{
    [Fact]
    public async Task a_colleague_is_given_an_account_chooses_a_password_works_changes_roles_and_leaves()
    {
        var email = AccountsFixture.NewEmail();
        var admin = await accounts.SignedInAsync(AccountsFixture.AdminEmail, AccountsFixture.AdminPassword);
        await admin.GetByRole(AriaRole.Link, new() { Name = "Agents" }).ClickAsync();
        await admin.GetByRole(AriaRole.Link, new() { Name = "Ajouter un agent" }).ClickAsync();
        await admin.GetByLabel("Nom").FillAsync("<i>Inès</i> 🌷");
        await admin.GetByLabel("Adresse électronique").FillAsync(email);
        await admin.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).ClickAsync();
        await Expect(admin.GetByText("Choisissez au moins un rôle.")).ToBeVisibleAsync();
        await AccountsFixture.CheckAsync(admin);
        await Expect(admin.GetByLabel("Nom")).ToHaveValueAsync("<i>Inès</i> 🌷");
        await admin.GetByLabel("Finances").CheckAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Créer le compte" }).DblClickAsync();
        await Expect(admin.GetByRole(AriaRole.Status)).ToContainTextAsync("Le compte est créé");
        await Expect(admin.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("<i>Inès</i> 🌷");

        var colleague = await accounts.NewReaderAsync(360);
        await colleague.GotoAsync(await accounts.LinkAsync(email));
        await colleague.GetByLabel("Nouveau mot de passe").FillAsync(AccountsFixture.Password);
        await colleague.GetByRole(AriaRole.Button, new() { Name = "Changer le mot de passe" }).ClickAsync();
        await Expect(colleague.GetByRole(AriaRole.Status)).ToContainTextAsync("Le mot de passe est changé");
        await colleague.GotoAsync("/connexion");
        await AccountsFixture.TypeAsync(colleague, email, AccountsFixture.Password);
        await colleague.WaitForURLAsync("**/mon-espace");
        await Expect(colleague.GetByRole(AriaRole.Link, new() { Name = "Agents" })).ToHaveCountAsync(0);
        await colleague.GotoAsync("/administration/agents");
        await Expect(colleague.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Accès refusé");

        await admin.GetByLabel("Administrateur").CheckAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Alert)).ToContainTextAsync("modifié entre-temps");
        await admin.GotoAsync(admin.Url);
        await admin.GetByLabel("Administrateur").CheckAsync();
        await admin.GetByRole(AriaRole.Button, new() { Name = "Enregistrer" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Status)).ToContainTextAsync("Les rôles sont enregistrés");
        await colleague.GotoAsync("/administration/agents");
        await colleague.WaitForURLAsync("**/connexion?retour=*");
        await AccountsFixture.TypeAsync(colleague, email, AccountsFixture.Password);
        await colleague.WaitForURLAsync("**/administration/agents");
        await AccountsFixture.CheckAsync(colleague);

        await admin.GetByText("Fermer le compte").First.ClickAsync();
        await Expect(admin.GetByText("ne peut plus se connecter")).ToBeVisibleAsync();
        await AccountsFixture.CheckAsync(admin);
        await admin.GetByRole(AriaRole.Button, new() { Name = "Fermer le compte" }).ClickAsync();
        await Expect(admin.GetByRole(AriaRole.Status)).ToHaveTextAsync("Le compte est fermé.");
        await colleague.ReloadAsync();
        await AccountsFixture.TypeAsync(colleague, email, AccountsFixture.Password);
        await Expect(colleague.GetByRole(AriaRole.Alert)).ToContainTextAsync("ce compte est fermé");

        await admin.GetByRole(AriaRole.Link, new() { Name = "Ce qui est arrivé à ce compte" }).ClickAsync();
        var rows = admin.Locator("tbody th");
        await Expect(rows.First).ToHaveTextAsync("Échec de connexion");
        foreach (var what in new[] { "Compte fermé", "Rôles changés", "Connexion", "Mot de passe changé", "Lien de mot de passe envoyé", "Compte d'agent créé" })
        {
            await Expect(rows.GetByText(what, new() { Exact = true }).First).ToBeVisibleAsync();
        }

        await Expect(admin.Locator("tbody")).ToContainTextAsync("Finances → Finances, Administrateur");
        await AccountsFixture.CheckAsync(admin);
        Assert.Equal(404, (await admin.GotoAsync($"/administration/agents/{Guid.NewGuid()}"))!.Status);
    }

    [Fact]
    public async Task the_last_administrator_is_told_why_not()
    {
        await using var town = await accounts.StartAsync([]);
        var page = await accounts.NewReaderAsync();
        await page.GotoAsync($"{town.Http.BaseAddress}connexion?retour=/administration/agents");
        await AccountsFixture.TypeAsync(page, AccountsFixture.AdminEmail, AccountsFixture.AdminPassword);
        await page.Locator("tbody a").First.ClickAsync();
        await page.GetByText("Fermer le compte").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Fermer le compte" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("c'est le dernier administrateur actif");
    }

    [Fact]
    public async Task where_two_factors_are_required_an_agent_is_led_to_set_them_up_first()
    {
        await using var town = await accounts.StartAsync(new() { ["Accounts__StaffTwoFactor"] = "required" });
        var page = await accounts.NewReaderAsync(360);
        await page.GotoAsync($"{town.Http.BaseAddress}connexion?retour=/administration/agents");
        await AccountsFixture.TypeAsync(page, AccountsFixture.AdminEmail, AccountsFixture.AdminPassword);
        await page.WaitForURLAsync("**/mon-compte/double-authentification");
        await Expect(page.GetByText("Votre collectivité demande la double authentification")).ToBeVisibleAsync();
        await page.GetByLabel("Mot de passe actuel").FillAsync(AccountsFixture.AdminPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "Activer la double authentification" }).ClickAsync();
        var secret = await page.Locator("code.secret").InnerTextAsync();
        await page.GetByLabel("Code à six chiffres").FillAsync(Authenticator.Code(secret));
        await page.GetByRole(AriaRole.Button, new() { Name = "Vérifier et activer" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "me reconnecter" }).ClickAsync();
        await AccountsFixture.TypeAsync(page, AccountsFixture.AdminEmail, AccountsFixture.AdminPassword);
        await page.GetByLabel("Code de vérification").FillAsync(Authenticator.Code(secret, stepsLater: 1));
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
        await page.WaitForURLAsync("**/mon-espace");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Agents" })).ToBeVisibleAsync();
    }
}
