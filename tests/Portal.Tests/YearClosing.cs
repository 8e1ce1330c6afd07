using System.Globalization;
using System.Net;
using Marketplace.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Marketplace.Portal.Tests;

/// <summary>The books of a year, closed by finance staff in the browser once the year is over.</summary>
[Collection(nameof(AccountsFixture))]
public sealed class YearClosing(AccountsFixture accounts)
{
    private const string Note = "<script>alert(1)</script> Compte administratif 🌷";

    [Fact]
    public async Task a_year_is_closed_when_it_is_over_once_and_for_good()
    {
        var identity = new TestIdentity();
        await using var subsidies = await accounts.StartServiceAsync("services/Subsidies", identity);
        await using var town = await accounts.StartAsync(new() { ["Services__Subsidies"] = subsidies.Http.BaseAddress!.ToString() }, identity);
        var page = await SignInAsync(town);
        await OpenProgrammeAsync(subsidies, identity);
        var year = DateTime.UtcNow.Year;
        await page.GotoAsync($"{town.Http.BaseAddress}finances/exercices");
        await CloseAsync(page, $"{year}", isCertain: true);
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("seule une année terminée peut être close");
        await CloseAsync(page, "<b>12", isCertain: true);
        await Expect(page.Locator(".field .error")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Remarque")).ToHaveValueAsync(Note);
        Assert.Empty(await Axe.ViolationsAsync(page));

        await subsidies.AdvanceClockAsync(new DateTime(year + 1, 1, 2, 0, 0, 0, DateTimeKind.Utc) - DateTime.UtcNow);
        await page.GotoAsync($"{town.Http.BaseAddress}finances/exercices");
        await CloseAsync(page, $"{year}", isCertain: false);
        await Expect(page.Locator("main")).ToContainTextAsync("Aucun exercice n'est clos.");
        await CloseAsync(page, $"{year}", isCertain: true);
        await page.WaitForURLAsync($"**/finances/exercices/{year}?*");
        await Expect(page.GetByRole(AriaRole.Status)).ToHaveTextAsync("L'exercice est clos.");
        await Expect(page.Locator(".note.good").Last).ToContainTextAsync("toujours la même chose");
        await Expect(page.Locator(".facts")).ToContainTextAsync(Note);
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("Fonds de l'année");
        await Expect(page.Locator("tbody tr")).ToContainTextAsync("1\u202f234,56");

        await page.GotoAsync($"{town.Http.BaseAddress}finances/exercices");
        await CloseAsync(page, $"{year}", isCertain: true);
        await Expect(page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        var closed = town.Http.BaseAddress!.ToString().TrimEnd('/') + Visits.ClosedYear.Replace("{year}", year.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        foreach (var language in new[] { "fr", "en" })
        {
            Assert.Empty(await PageCheck.ReadAsync(page, language, [$"{closed}?lang={language}", $"{town.Http.BaseAddress}finances/exercices"]));
        }
    }

    private static async Task CloseAsync(IPage page, string year, bool isCertain)
    {
        await page.GetByLabel("Année").FillAsync(year);
        await page.GetByLabel("Remarque").FillAsync(Note);
        await page.EvaluateAsync("document.getElementById('certain').form.noValidate = true");
        await page.GetByLabel("J'ai compris").SetCheckedAsync(isCertain);
        await page.GetByRole(AriaRole.Button, new() { Name = "Clore l'exercice" }).DblClickAsync();
    }

    private async Task<IPage> SignInAsync(ServiceProcess town)
    {
        var admin = (await town.PostAsync("/api/auth/token", new { email = AccountsFixture.AdminEmail, password = AccountsFixture.AdminPassword }, null)).Body.GetProperty("accessToken").GetString();
        var email = AccountsFixture.NewEmail();
        var made = await town.PostAsync("/api/auth/staff", new { email, password = AccountsFixture.Password, displayName = "Inès", roles = new[] { "finance" } }, admin, Guid.NewGuid().ToString());
        Assert.Equal(HttpStatusCode.Created, made.Status);
        var page = await accounts.NewReaderAsync();
        await page.GotoAsync($"{town.Http.BaseAddress}connexion");
        await AccountsFixture.TypeAsync(page, email, AccountsFixture.Password);
        await page.WaitForURLAsync("**/mon-espace");
        return page;
    }

    private static async Task OpenProgrammeAsync(ServiceProcess subsidies, TestIdentity identity)
    {
        var programme = new { name = "Fonds de l'année", funder = "Ville", budgetCents = 123_456, rateBps = 3000, categories = new[] { "antivirus" }, territories = new[] { "62" }, deMinimis = false };
        Assert.Equal(HttpStatusCode.Created, (await subsidies.PostAsync("/api/subsidies/programmes", programme, identity.Staff("finance"), Guid.NewGuid().ToString())).Status);
    }
}
