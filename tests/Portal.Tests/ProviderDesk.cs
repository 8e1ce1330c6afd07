using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;
using Marketplace.Testing;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A provider and assessors in the browser, and through the API what is not looked at.</summary>
internal sealed class ProviderDesk(PortalFixture portal) : IDisposable
{
    private const string ProviderPassword = "une-longue-phrase-de-passe-7";
    private readonly MarketplaceClient api = new(portal.Address);

    /// <summary>A document that is what it says.</summary>
    public static byte[] Pdf { get; } = Encoding.ASCII.GetBytes("%PDF-1.4\n1 0 obj\n<< >>\nendobj\ntrailer\n<< >>\n%%EOF\n");

    public Account Assessor { get; } = new("assessor", "evaluation@ville.example", portal.Password);

    public Account SecondAssessor { get; } = new("assessor", "decision@ville.example", portal.Password);

    /// <summary>The provider of the campaign's pack.</summary>
    public Account Campaign { get; } = new("provider", "contact@artois-cyber.example", portal.Password);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => api.Dispose();

    /// <summary>Signs in on a new page.</summary>
    public async Task<IPage> SignInAsync(Account account, int width = 1280, bool scripts = true)
    {
        var page = await portal.NewReaderAsync(width, scripts: scripts);
        await page.GotoAsync("/connexion");
        await page.Locator("input[type=email]").FillAsync(account.Email);
        await page.Locator("input[type=password]").FillAsync(account.Password);
        await page.Locator("main form button").ClickAsync();
        await page.WaitForURLAsync("**/mon-espace");
        return page;
    }

    /// <summary>A new provider that has not applied yet.</summary>
    public async Task<Account> RegisterAsync(string name = "Cyber & Fils", bool withAccount = true)
    {
        var account = new Account("provider", $"{RandomNumberGenerator.GetHexString(10).ToLowerInvariant()}@example.org", ProviderPassword);
        var siret = TestOrganisation.New().Siret;
        var organisation = new JsonObject { ["kind"] = "provider", ["name"] = name, ["siret"] = siret, ["departement"] = "62" };
        if (withAccount)
        {
            organisation["iban"] = ExampleIban.Of(siret);
        }

        var body = new JsonObject { ["email"] = account.Email, ["password"] = account.Password, ["displayName"] = "Lou", ["organisation"] = organisation };
        (await api.PostAsync("/api/auth/register", body, null, Ct)).OrThrow();
        return account;
    }

    /// <summary>An application for antivirus in 59 and 62, with its mandatory documents where asked for.</summary>
    public async Task<Guid> ApplyAsync(Account provider, bool complete = true, bool submitted = true)
    {
        var scope = new JsonObject { ["categories"] = new JsonArray("antivirus"), ["territories"] = new JsonArray("59", "62") };
        var id = Guid.Parse((await api.PostAsync("/api/accreditation/applications", scope, provider, Ct)).OrThrow().Text("id")!);
        foreach (var key in complete ? new[] { "kbis-extract", "liability-insurance" } : [])
        {
            (await api.PutFileAsync($"/api/accreditation/applications/{id}/evidence/{key}", Pdf, "application/pdf", provider, Ct)).OrThrow();
        }

        if (submitted)
        {
            (await api.PostAsync($"/api/accreditation/applications/{id}/submit", null, provider, Ct)).OrThrow();
        }

        return id;
    }

    /// <summary>The first assessor finds all of it met.</summary>
    public async Task EvaluateAsync(Guid application)
    {
        var findings = new[] { "kbis-extract", "liability-insurance" }.Select(JsonNode (k) => new JsonObject { ["criterionKey"] = k, ["met"] = true, ["note"] = "Conforme." }).ToArray();
        (await api.PostAsync($"/api/accreditation/applications/{application}/evaluation", new JsonObject { ["findings"] = new JsonArray(findings) }, Assessor, Ct)).OrThrow();
    }

    /// <summary>Both assessors grant it.</summary>
    public async Task<Guid> GrantAsync(Guid application)
    {
        await EvaluateAsync(application);
        var decided = (await api.PostAsync($"/api/accreditation/applications/{application}/decision", new JsonObject { ["decision"] = "grant", ["reason"] = "Tout y est." }, SecondAssessor, Ct)).OrThrow();
        return Guid.Parse(decided.Text("accreditationId")!);
    }

    /// <summary>A listed pack of an accredited provider.</summary>
    public async Task<Guid> ListPackAsync(Account provider)
    {
        var body = new JsonObject
        {
            ["name"] = $"Antivirus {RandomNumberGenerator.GetHexString(6)}",
            ["description"] = "",
            ["category"] = "antivirus",
            ["unit"] = "seat",
            ["termMonths"] = 12,
            ["listPriceCents"] = 9_000,
            ["capacity"] = 1_000,
            ["territories"] = new JsonArray("59", "62"),
            ["attributes"] = new JsonObject(),
            ["tiers"] = new JsonArray(new JsonObject { ["minQuantity"] = 10, ["unitPriceCents"] = 8_000 }),
        };
        var id = Guid.Parse((await api.PostAsync("/api/catalog/packs", body, provider, Ct)).OrThrow().Text("id")!);
        (await api.PostAsync($"/api/catalog/packs/{id}/list", null, provider, Ct)).OrThrow();
        return id;
    }

    /// <summary>The provider takes a pack out of the catalogue.</summary>
    public async Task WithdrawAsync(Account provider, Guid pack) => (await api.PostAsync($"/api/catalog/packs/{pack}/withdraw", null, provider, Ct)).OrThrow();

    /// <summary>The commitments of a pool, in join order.</summary>
    public async Task<IReadOnlyList<(Guid Id, string Name, string Status, int? Delivered)>> OrdersAsync(Guid pool) =>
        [.. (await api.ListAsync($"/api/pools/{pool}/commitments", Campaign, Ct)).Select(c => (
            c.GetProperty("id").GetGuid(), c.GetProperty("organisationName").GetString()!, c.GetProperty("status").GetString()!,
            c.TryGetProperty("deliveredQuantity", out var d) && d.ValueKind == System.Text.Json.JsonValueKind.Number ? d.GetInt32() : (int?)null))];

    /// <summary>The business refuses what was declared.</summary>
    public async Task RefuseAsync(Account business, Guid commitment, string reason) =>
        (await api.PostAsync($"/api/commitments/{commitment}/acceptance", new JsonObject { ["accepted"] = false, ["reason"] = reason }, business, Ct)).OrThrow();

    /// <summary>Drops a file on the document form of a criterion, as a hand with a mouse does; it may end in many zeros.</summary>
    public static Task DropAsync(IPage page, string criterion, string name, string type, byte[] content, int zeros = 0) => page.EvaluateAsync(
        """
        ([id, name, type, content, zeros]) => {
          const data = new DataTransfer();
          data.items.add(new File([Uint8Array.from(atob(content), c => c.charCodeAt(0)), new Uint8Array(zeros)], name, { type }));
          const form = document.getElementById(id).form;
          for (const kind of ['dragenter', 'dragover', 'drop']) form.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
        }
        """, new object[] { $"fichier-{criterion}", name, type, Convert.ToBase64String(content), zeros });

    /// <summary>The button that sends the document of a criterion.</summary>
    public static ILocator SendButton(IPage page, string criterion) => page.Locator($"#piece-{criterion} form.drop button");
}
