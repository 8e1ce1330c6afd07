using System.Text.Json;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Demonstrations;
using Marketplace.Local.Processes;

namespace Marketplace.Journeys_Tests;

/// <summary>What the local run shows to a visitor: something to do for everyone.</summary>
public sealed class DemonstrationJourney : IDisposable
{
    private static readonly string[] Parts = ["assessor", "assessor", "business", "buyer", "finance", "finance", "provider"];

    private readonly string folder = TemporaryFolder.Create("marketplace-demonstration-");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task an_empty_marketplace_is_filled_with_something_to_do_for_everyone_and_only_once()
    {
        var ct = TestContext.Current.CancellationToken;
        var options = new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), Durable = false, RateLimits = false };
        await using var marketplace = await LocalMarketplace.StartAsync(options, ct: ct);
        await Demonstration.PlayIfEmptyAsync(marketplace, ct);

        using var api = new MarketplaceClient(marketplace.Gateway);
        var known = KnownAccounts.Read(marketplace);
        await CheckAccountsAsync(api, known, ct);
        var accounts = known.ToDictionary(account => account.Email, account => new Account(account.Persona, account.Email, account.Password));
        var finance = accounts["finances@ville.example"];
        await CheckPoolsAsync(api, marketplace.Now, ct);
        await CheckMoneyAsync(api, finance, accounts["ordonnateur@ville.example"], ct);
        await CheckCommitmentsAsync(api, accounts, ct);
        await CheckApplicationsAsync(api, accounts, ct);

        var (pools, now) = ((await api.ListAsync("/api/pools", null, ct)).Count, marketplace.Now);
        await Demonstration.PlayIfEmptyAsync(marketplace, ct);
        Assert.Equal(known, KnownAccounts.Read(marketplace));
        Assert.Equal(pools, (await api.ListAsync("/api/pools", null, ct)).Count);
        Assert.InRange(marketplace.Now, now, now.AddHours(1));
    }

    private static async Task CheckAccountsAsync(MarketplaceClient api, IReadOnlyList<Known> known, CancellationToken ct)
    {
        Assert.Empty(Parts.Except(known.Select(account => account.Persona)));
        Assert.All(Parts.CountBy(part => part), part => Assert.InRange(known.Count(account => account.Persona == part.Key), part.Value, 5));
        foreach (var account in known)
        {
            var me = (await api.GetAsync("/api/auth/me", new Account(account.Persona, account.Email, account.Password), ct)).OrThrow().Body;
            Assert.Contains(account.Persona, me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
            Assert.InRange(account.See!.Length, 10, 53);
        }
    }

    private static async Task CheckPoolsAsync(MarketplaceClient api, DateTimeOffset now, CancellationToken ct)
    {
        var pools = await api.ListAsync("/api/pools", null, ct);
        var open = pools.Where(pool => Text(pool, "status") == "open").ToList();
        Assert.Contains(open, pool => IsNearNextTier(pool) && Grants.Cents(pool, "currentUnitPriceCents") > 0);
        Assert.All(open, pool => Assert.True(pool.GetProperty("closesAt").GetDateTimeOffset() > now.AddDays(2)));
        Assert.Empty(((string[])["open", "scheduled", "confirmed", "failed", "fulfilling", "settled"]).Except(pools.Select(pool => Text(pool, "status"))));
    }

    private static async Task CheckMoneyAsync(MarketplaceClient api, Account finance, Account second, CancellationToken ct)
    {
        // Paid aid is no longer counted among the granted (DOMAIN §5: reserved + granted + paid ≤ budget).
        var programmes = await api.ListAsync("/api/subsidies/programmes", finance, ct);
        Assert.Contains(programmes, programme => Grants.Cents(programme, "paidCents") > 0 && Grants.Cents(programme, "grantedCents") > 0);

        var reconciliation = (await api.GetAsync("/api/subsidies/reconciliation", finance, ct)).OrThrow().Body;
        Assert.Equal("partial", Text(Assert.Single(reconciliation.GetProperty("exceptions").EnumerateArray()), "kind"));
        Assert.InRange(reconciliation.GetProperty("exact").GetProperty("count").GetInt32(), 1, 10);
        Assert.Equal(0, reconciliation.GetProperty("differenceCents").GetInt64());
        var ledger = (await api.GetAsync("/api/subsidies/ledger/verification", finance, ct)).OrThrow().Body;
        Assert.True(ledger.GetProperty("balanced").GetBoolean() && ledger.GetProperty("chainIntact").GetBoolean());

        var run = Assert.Single(await api.ListAsync("/api/subsidies/payment-runs?status=prepared", finance, ct));
        Assert.Equal("four-eyes", (await api.PostAsync($"/api/subsidies/payment-runs/{Text(run, "id")}/approve", null, finance, ct)).Problem);
        Assert.Equal("approved", (await api.PostAsync($"/api/subsidies/payment-runs/{Text(run, "id")}/approve", null, second, ct)).OrThrow().Text("status"));
    }

    private static async Task CheckCommitmentsAsync(MarketplaceClient api, Dictionary<string, Account> accounts, CancellationToken ct)
    {
        Assert.Contains("delivered", await StatesAsync(api, "/api/commitments", accounts["b18@entreprise.example"], ct));
        Assert.Contains("payment-failed", await StatesAsync(api, "/api/commitments", accounts["b35@entreprise.example"], ct));

        var audits = (await api.ListAsync("/api/pools?status=fulfilling", null, ct)).Single();
        var buyer = accounts["achats@ville.example"];
        var commitments = await api.ListAsync($"/api/pools/{Text(audits, "id")}/commitments", buyer, ct);
        Assert.Contains(commitments, commitment => Text(commitment, "status") == "accepted");
        Assert.Contains(commitments, commitment => Text(commitment, "status") == "paid");

        var choice = accounts["b12@entreprise.example"];
        var near = (await api.ListAsync("/api/pools?status=open", null, ct)).First(pool => Grants.Cents(pool.GetProperty("nextTier"), "missing") == 4);
        var quote = (await api.GetAsync($"/api/pools/{Text(near, "id")}/quote?quantity=4", choice, ct)).OrThrow().Body;
        Assert.Equal(Grants.Cents(near.GetProperty("nextTier"), "unitPriceCents"), Grants.Cents(quote.GetProperty("today"), "unitPriceCents"));
    }

    private static async Task CheckApplicationsAsync(MarketplaceClient api, Dictionary<string, Account> accounts, CancellationToken ct)
    {
        Assert.Equal(["review", "submitted"], (await StatesAsync(api, "/api/accreditation/applications", accounts["decision@ville.example"], ct)).Where(status => status is "review" or "submitted").Order());
        Assert.Equal(["draft"], await StatesAsync(api, "/api/accreditation/applications", accounts["contact@lys-numerique.example"], ct));
    }

    private static async Task<List<string?>> StatesAsync(MarketplaceClient api, string list, Account who, CancellationToken ct) =>
        [.. (await api.ListAsync(list, who, ct)).Select(item => Text(item, "status"))];

    private static bool IsNearNextTier(JsonElement pool) =>
        pool.GetProperty("nextTier") is { ValueKind: JsonValueKind.Object } next && Grants.Cents(next, "missing") * 10 <= Grants.Cents(next, "minQuantity");

    private static string? Text(JsonElement item, string field) => item.GetProperty(field).GetString();
}
