using System.Net;
using System.Text.Json;
using Marketplace.Catalog.Tests;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.Catalog.Tests;

/// <summary>The catalog as a process on a database of its own, one per test class.</summary>
public sealed class CatalogService(TestPostgres postgres) : IAsyncLifetime
{
    private ServiceProcess? process;

    public ServiceProcess Process => process ?? throw new InvalidOperationException("The service has not started.");

    public async ValueTask InitializeAsync() => process = await ServiceProcess.StartAsync("services/Catalog", await postgres.NewDatabaseAsync());

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>A provider that nobody has accredited.</summary>
    public TestProvider NewProvider(string name = "Artois Cyber Services") => new(Process, TestOrganisation.New(name: name));

    /// <summary>A provider with an active accreditation for everything in 59 and 62.</summary>
    public async Task<TestProvider> AccreditedAsync(string name = "Artois Cyber Services")
    {
        var provider = NewProvider(name);
        await provider.AccreditAsync("active", 1);
        return provider;
    }
}

/// <summary>A provider's staff at work.</summary>
public sealed class TestProvider(ServiceProcess process, TestOrganisation organisation)
{
    public static readonly string[] Everything = ["antivirus", "encrypted-backup", "firewall", "audit"];
    private readonly Guid accreditation = Guid.CreateVersion7();

    public Guid Id => organisation.Id;

    public string Token { get; } = process.Identity.Provider(organisation);

    /// <summary>Terms that are acceptable, with some members replaced (or left out, where null).</summary>
    public static Dictionary<string, object?> Terms(params (string Member, object? Value)[] changes)
    {
        var terms = new Dictionary<string, object?>
        {
            ["name"] = "Antivirus managé (EDR), par poste",
            ["description"] = "Détection et réponse sur chaque poste.",
            ["category"] = "antivirus",
            ["unit"] = "seat",
            ["termMonths"] = 12,
            ["listPriceCents"] = 6900,
            ["vatRateBps"] = 2000,
            ["territories"] = new[] { "59", "62" },
            ["capacity"] = 2000,
            ["attributes"] = new Dictionary<string, string> { ["hébergement"] = "France" },
            ["tiers"] = new[] { Tier(50, 6181), Tier(150, 5233), Tier(300, 4499) },
        };
        foreach (var (member, value) in changes)
        {
            terms[member] = value;
            if (value is null)
            {
                terms.Remove(member);
            }
        }

        return terms;
    }

    public static object Tier(object? minQuantity, object? unitPriceCents) => new { minQuantity, unitPriceCents };

    public AccreditationStatusChanged Status(string status, int version, string[]? categories = null, string[]? territories = null, Guid? id = null) => new(
        id ?? accreditation, "AGR-2026-0001", Id, organisation.Name, organisation.Siret, categories ?? Everything, territories ?? ["59", "62"], status,
        new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateTime(2028, 1, 1, 0, 0, 0, DateTimeKind.Utc), "motif", new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc), version);

    public async Task AccreditAsync(string status, int version, string[]? categories = null, string[]? territories = null)
    {
        var answer = await process.DeliverAsync(Status(status, version, categories, territories));
        Assert.True(answer == HttpStatusCode.OK, $"{answer} {process.Output}");
    }

    public async Task<Guid> DraftAsync(params (string Member, object? Value)[] changes)
    {
        var answer = await process.PostAsync("/api/catalog/packs", Terms(changes), Token);
        Assert.True(answer.Status == HttpStatusCode.Created, $"{answer.Status} {answer.Body}");
        return answer.Body.GetProperty("id").GetGuid();
    }

    public async Task<Guid> ListedAsync(params (string Member, object? Value)[] changes)
    {
        var id = await DraftAsync(changes);
        var answer = await ListAsync(id);
        Assert.True(answer.Status == HttpStatusCode.OK, $"{answer.Status} {answer.Body}");
        return id;
    }

    public Task<HttpAnswer> ListAsync(Guid id) => process.PostAsync($"/api/catalog/packs/{id}/list", null, Token);

    public Task<HttpAnswer> WithdrawAsync(Guid id) => process.PostAsync($"/api/catalog/packs/{id}/withdraw", null, Token);

    public Task<HttpAnswer> ChangeAsync(Guid id, Dictionary<string, object?> terms, string? ifMatch = null) =>
        process.SendAsync(HttpMethod.Put, $"/api/catalog/packs/{id}", terms, Token, ifMatch: ifMatch);

    public async Task<string> StatusOfAsync(Guid id) => (await process.GetAsync($"/api/catalog/packs/{id}", Token)).Text("status");
}

internal static class Answers
{
    public static string Text(this HttpAnswer answer, string member) => answer.Body.GetProperty(member).GetString()!;

    public static int Number(this HttpAnswer answer, string member) => answer.Body.GetProperty(member).GetInt32();

    public static List<JsonElement> Items(this HttpAnswer answer) => answer.Body.GetProperty("items").EnumerateArray().ToList();
}
