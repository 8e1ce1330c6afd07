using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Microsoft.Playwright;

namespace Marketplace.Portal.Tests;

/// <summary>A whole marketplace with a small campaign behind it, one open pool, and a browser; all tests share them.</summary>
public class PortalFixture : IAsyncLifetime
{
    /// <summary>Further environment variables by process name.</summary>
    protected virtual IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Settings => new Dictionary<string, IReadOnlyDictionary<string, string>>();

    private readonly string folder = TemporaryFolder.Create("marketplace-portal-");
    private LocalMarketplace? marketplace;
    private IPlaywright? playwright;
    private IBrowser? browser;
    private int pools;

    /// <summary>The portal's address.</summary>
    public Uri Address => marketplace!.Gateway;

    /// <summary>The password of every account of the campaign.</summary>
    public string Password => marketplace!.Secrets.CampaignPassword;

    /// <summary>The administrator.</summary>
    public Account Admin => new("admin", marketplace!.Secrets.AdminEmail, marketplace.Secrets.AdminPassword);

    /// <summary>Where the payment provider's simulator answers, and the key that it takes.</summary>
    public (Uri Address, string Key) PaymentProvider => (marketplace!.Options.Ports.AddressOf(Ports.PaymentSimulator), marketplace.Secrets.StripeSecretKey);

    /// <summary>What no process may tell anyone.</summary>
    public Secrets Secrets => marketplace!.Secrets;

    /// <summary>A pool that can be joined.</summary>
    public Guid OpenPool { get; private set; }

    public virtual async ValueTask InitializeAsync()
    {
        marketplace = await LocalMarketplace.StartAsync(new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), Durable = false, RateLimits = false, Settings = Settings });
        var file = Path.Combine(folder, "campaign.json");
        await File.WriteAllTextAsync(file, SmallCampaign());
        await PlayCampaign.RunAsync(marketplace, ReadCampaign.FromFile(file), null, TestContext.Current.CancellationToken);
        OpenPool = await OpenPoolAsync("Antivirus pour les commerces");
        playwright = await Playwright.CreateAsync();
        browser = await Chromium.LaunchAsync(playwright);
    }

    public virtual async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (browser is not null)
        {
            await browser.DisposeAsync();
        }

        playwright?.Dispose();
        if (marketplace is not null)
        {
            await marketplace.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }

    /// <summary>A new, signed-out reader with cookies of their own.</summary>
    public async Task<IPage> NewReaderAsync(int width = 1280, string language = "fr", bool scripts = true)
    {
        var context = await browser!.NewContextAsync(new() { BaseURL = Address.ToString(), ViewportSize = new() { Width = width, Height = 900 }, Locale = language == "fr" ? "fr-FR" : "en-GB", JavaScriptEnabled = scripts });
        context.SetDefaultTimeout(60_000);
        Readers.Add(context);
        return await context.NewPageAsync();
    }

    /// <summary>Now, by the marketplace's clock.</summary>
    public DateTimeOffset Now => marketplace!.Now;

    /// <summary>Publishes a fact as its service does, through the service's sidecar.</summary>
    public async Task PublishAsync(object fact)
    {
        var topic = FactName.Of(fact.GetType());
        var sidecar = marketplace!.Options.Ports.AddressOf(Ports.SidecarOf(topic.Split('.')[0]));
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Add("dapr-api-token", marketplace.Secrets.DaprApiToken);
        using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(fact, fact.GetType(), Json.Options)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
        using var answer = await http.PostAsync(new Uri(sidecar, $"/v1.0/publish/{DaprClient.PubSub}/{topic}"), content);
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>Another pool that can be joined, on the campaign's pack unless another is given.</summary>
    public async Task<Guid> OpenPoolAsync(string title, Guid? onPack = null)
    {
        using var api = new MarketplaceClient(Address);
        var ct = TestContext.Current.CancellationToken;
        var buyer = new Account("buyer", "achats@ville.example", Password);
        var pack = onPack?.ToString() ?? (await api.ListAsync("/api/catalog/packs", null, ct)).First(p => p.GetProperty("providerName").GetString() == "Artois Cyber Services").GetProperty("id").GetString();
        var programme = (await api.GetAsync("/api/subsidies/programmes", null, ct)).OrThrow().Body.GetProperty("items")[0].GetProperty("id").GetString();
        var now = marketplace!.Now;
        var body = new JsonObject
        {
            ["packId"] = pack,
            ["title"] = title,
            ["opensAt"] = now.AddHours(-1).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["closesAt"] = now.AddDays(20 + Interlocked.Increment(ref pools)).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
            ["maxQuantity"] = 500,
            ["territories"] = new JsonArray("59", "62"),
            ["programmeIds"] = new JsonArray(programme),
        };
        return Guid.Parse((await api.PostAsync("/api/pools", body, buyer, ct)).OrThrow().Text("id")!);
    }

    /// <summary>The demonstration campaign cut down to one pack and one pool of three.</summary>
    private static string SmallCampaign()
    {
        var campaign = JsonNode.Parse(File.ReadAllText(Checkout.DemonstrationCampaign))!.AsObject();
        campaign["providers"] = new JsonArray(campaign["providers"]![0]!.DeepClone());
        campaign["packs"] = new JsonArray(campaign["packs"]![0]!.DeepClone());
        var businesses = campaign["businesses"]!.AsArray().Where(b => b!["linkedSirens"] is null && b["declaredAid"] is null).Take(3).Select(b => b!.DeepClone()).ToArray();
        campaign["businesses"] = new JsonArray(businesses);
        var pool = campaign["pools"]![0]!.DeepClone().AsObject();
        pool["commitments"] = new JsonArray([.. businesses.Select(b => new JsonObject { ["business"] = b["key"]!.GetValue<string>(), ["quantity"] = 20 })]);
        campaign["pools"] = new JsonArray(pool);
        return campaign.ToJsonString();
    }
}
