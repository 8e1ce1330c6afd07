using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>Tests that share one gateway and one browser.</summary>
[CollectionDefinition(nameof(AccountsFixture))]
public sealed class SharedAccounts : ICollectionFixture<AccountsFixture>;

/// <summary>A gateway on its own database, all that the pages of accounts and staff need, and a browser.</summary>
public sealed partial class AccountsFixture : IAsyncLifetime
{
    public const string AdminEmail = "maire@ville.test";
    public const string AdminPassword = "le-mot-du-maire-2026";
    public const string Password = "une-longue-phrase-de-passe-7";

    private readonly TestPostgres postgres = new();
    private IPlaywright? playwright;
    private IBrowser? browser;

    public ServiceProcess Gateway { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        await postgres.InitializeAsync();
        Gateway = await StartAsync([]);
        playwright = await Playwright.CreateAsync();
        browser = await Chromium.LaunchAsync(playwright);
    }

    public async ValueTask DisposeAsync()
    {
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (Gateway is not null)
        {
            await Gateway.DisposeAsync();
        }

        await postgres.DisposeAsync();
    }

    /// <summary>Another gateway, with settings and a database of its own.</summary>
    public async Task<ServiceProcess> StartAsync(Dictionary<string, string> settings, TestIdentity? identity = null)
    {
        identity ??= new TestIdentity();
        settings["Identity__PrivateKey"] = identity.PrivateKey;
        settings["Mail__Console"] = "true";
        settings["MARKETPLACE_ADMIN_EMAIL"] = AdminEmail;
        settings["MARKETPLACE_ADMIN_PASSWORD"] = AdminPassword;
        return await ServiceProcess.StartAsync("gateway/Gateway", await postgres.NewDatabaseAsync(), identity, settings);
    }

    /// <summary>A service behind such a gateway, with a database of its own.</summary>
    public async Task<ServiceProcess> StartServiceAsync(string service, TestIdentity identity) => await ServiceProcess.StartAsync(service, await postgres.NewDatabaseAsync(), identity);

    /// <summary>A new, signed-out reader with cookies of their own.</summary>
    public async Task<IPage> NewReaderAsync(int width = 1280, bool scripts = true)
    {
        var context = await browser!.NewContextAsync(new()
        {
            BaseURL = Gateway.Http.BaseAddress!.ToString(),
            ViewportSize = new() { Width = width, Height = 900 },
            Locale = "fr-FR",
            JavaScriptEnabled = scripts,
        });
        context.SetDefaultTimeout(60_000);
        Readers.Add(context);
        return await context.NewPageAsync();
    }

    /// <summary>The e-mail of a new business's user.</summary>
    public async Task<string> RegisterAsync()
    {
        var email = NewEmail();
        using var answer = await Gateway.Http.PostAsJsonAsync("/api/auth/register", new
        {
            email,
            password = Password,
            displayName = "Rose",
            organisation = new { kind = "business", name = "Fleurs & Cie", siret = TestOrganisation.New().Siret, headcount = 4, departement = "62" },
        });
        answer.EnsureSuccessStatusCode();
        return email;
    }

    public static string NewEmail() => $"{RandomNumberGenerator.GetHexString(12, lowercase: true)}@example.org";

    /// <summary>A reader who typed e-mail and password and was let in.</summary>
    public async Task<IPage> SignedInAsync(string email, string password = Password, int width = 1280)
    {
        var page = await NewReaderAsync(width);
        await page.GotoAsync("/connexion");
        await TypeAsync(page, email, password);
        await page.WaitForURLAsync("**/mon-espace");
        return page;
    }

    /// <summary>Fills the sign-in form and sends it.</summary>
    public static async Task TypeAsync(IPage page, string email, string password)
    {
        await page.GetByLabel("Adresse électronique").FillAsync(email);
        await page.GetByLabel("Mot de passe").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Se connecter" }).ClickAsync();
    }

    /// <summary>The path of the last link that was sent to the e-mail.</summary>
    public async Task<string> LinkAsync(string email, int count = 1)
    {
        for (var i = 0; i < 200; i++)
        {
            var links = Gateway.Output.Split(email + ": ").Skip(1).Select(l => Link().Match(l)).Where(m => m.Success).ToList();
            if (links.Count >= count)
            {
                return links[^1].Groups[1].Value;
            }

            await Task.Delay(50);
        }

        throw new InvalidOperationException($"No link was sent: {Gateway.Output}");
    }

    /// <summary>Complains of what axe finds, and of a page wider than its window.</summary>
    public static async Task CheckAsync(IPage page)
    {
        Assert.Empty(await Axe.ViolationsAsync(page));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{page.Url} is wider than its window.");
    }

    [GeneratedRegex(@"mail> http://[^/\s]+(/nouveau-mot-de-passe\?jeton=[\w-]{43})")]
    private static partial Regex Link();
}
