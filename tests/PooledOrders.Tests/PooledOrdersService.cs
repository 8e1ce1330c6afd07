using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.Events.Accreditation;
using Marketplace.Events.Catalog;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Identity;
using Marketplace.PooledOrders.Tests;
using Marketplace.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.PooledOrders.Tests;

/// <summary>
/// Pooled orders as a process on a database of its own, with the payment simulator as a second one. Facts of the other
/// services are delivered as the sidecar would.
/// </summary>
public sealed class PooledOrdersService(TestPostgres postgres) : IAsyncLifetime
{
    public static readonly PriceTier[] Tiers = [new(10, 24_000), new(20, 21_000), new(50, 18_000)];
    private const string WebhookSecret = "whsec_of_the_test";
    private readonly List<ServiceProcess> processes = [];

    public ServiceProcess Process => processes[1];

    public ServiceProcess Simulator => processes[0];

    /// <summary>How far the service's clock was moved.</summary>
    private TimeSpan offset;

    /// <summary>The service's present.</summary>
    public DateTime Now => DateTime.UtcNow + offset;

    public string Buyer { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        processes.Add(await ServiceProcess.StartAsync("deploy/PaymentSimulator", await postgres.NewDatabaseAsync(), live: "/health"));
        processes.Add(await StartAsync(await postgres.NewDatabaseAsync(), new TestIdentity()));
        Buyer = Process.Identity.Staff(Roles.Buyer);
    }

    /// <summary>Another instance on the same database.</summary>
    public async Task<ServiceProcess> SecondInstanceAsync()
    {
        if (processes.Count < 3)
        {
            processes.Add(await StartAsync(Process.ConnectionString, Process.Identity));
            await processes[2].AdvanceClockAsync(offset);
        }

        return processes[2];
    }

    /// <summary>Kills the process at once and starts another one on the same database, at the same time of the moved clock.</summary>
    public async Task RestartAsync()
    {
        await Process.DisposeAsync();
        processes[1] = await StartAsync(Process.ConnectionString, Process.Identity);
        await Process.AdvanceClockAsync(offset);
    }

    /// <summary>Sends an event as the payment provider would: signed, at the service's present.</summary>
    public async Task SendWebhookAsync(string type, string objectId)
    {
        var body = JsonSerializer.Serialize(new { id = $"evt_{Guid.NewGuid():N}", type, data = new { @object = new { id = objectId } } });
        var at = new DateTimeOffset(Now).ToUnixTimeSeconds();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/webhooks/stripe") { Content = new StringContent(body) };
        request.Headers.Add("Stripe-Signature", $"t={at},v1={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(WebhookSecret), Encoding.UTF8.GetBytes($"{at}.{body}")))}");
        using var response = await Process.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            await process.DisposeAsync();
        }
    }

    /// <summary>A listed pack of an accredited provider.</summary>
    public async Task<(Guid PackId, TestOrganisation Provider, Guid Accreditation)> ListedPackAsync(int capacity = 1_000)
    {
        var provider = TestOrganisation.New(name: "Artois Cyber Services");
        var accreditation = Guid.CreateVersion7();
        await AccreditAsync(provider, accreditation, "active", 1);
        var pack = Guid.CreateVersion7();
        await Deliver(new PackListed(pack, 1, provider.Id, provider.Name, "Antivirus", "", "antivirus", "seat", 12, 30_000, 2_000, ["59", "62"], capacity, Tiers, 1));
        return (pack, provider, accreditation);
    }

    public Task AccreditAsync(TestOrganisation provider, Guid accreditation, string status, int version) => Deliver(new AccreditationStatusChanged(
        accreditation, "AGR-1", provider.Id, provider.Name, provider.Siret, ["antivirus"], ["59", "62"], status, DateTime.UtcNow, DateTime.UtcNow.AddYears(2), null, DateTime.UtcNow, version));

    /// <summary>An open pool; its id.</summary>
    public async Task<Guid> OpenPoolAsync(int max = 500, Guid? packId = null, double days = 30, Guid[]? programmes = null)
    {
        packId ??= (await ListedPackAsync()).PackId;
        var answer = await Process.PostAsync("/api/pools", new { packId, title = "Antivirus pour tous", closesAt = Now.AddDays(days), maxQuantity = max, territories = new[] { "59", "62" }, programmeIds = programmes ?? [] }, Buyer);
        Assert.True(answer.Status == HttpStatusCode.Created, answer.Body.ToString() + Process.Output);
        return answer.Body.GetProperty("id").GetGuid();
    }

    /// <summary>A business's join; a new business unless one is given.</summary>
    public Task<HttpAnswer> JoinAsync(Guid pool, int quantity = 1, int tolerance = 0, long? limit = null, string? method = null, TestOrganisation? business = null, string? key = null, ServiceProcess? instance = null) =>
        (instance ?? Process).PostAsync(
            $"/api/pools/{pool}/commitments",
            new { quantity, tolerance, priceLimitCents = limit, paymentMethod = method },
            Process.Identity.Business(business ?? TestOrganisation.New()),
            key ?? Guid.NewGuid().ToString());

    public async Task<JsonElement> PoolAsync(Guid pool) => (await Process.GetAsync($"/api/pools/{pool}")).Body;

    public async Task<JsonElement> CommitmentAsync(Guid commitment) => (await Process.GetAsync($"/api/commitments/{commitment}", Buyer)).Body;

    /// <summary>Answers a placed commitment as the subsidies would, with no programme.</summary>
    public Task ReserveAsync(Guid commitment, Guid pool, int version = 1, int commitmentVersion = 1, params AidPart[] parts) =>
        Deliver(new AidReserved(commitment, pool, commitmentVersion, parts, version), bulk: true);

    /// <summary>Grants aid for every allocation of a confirmed pool, as the subsidies would.</summary>
    public async Task GrantAllAsync(Guid pool, int version = 2)
    {
        foreach (var allocation in (await Process.FactsAsync<PoolConfirmed>(pool)).SelectMany(f => f.Allocations))
        {
            await Deliver(new AidGranted(allocation.CommitmentId, pool, allocation.NetCents, [], DateTime.UtcNow, version), bulk: true);
        }
    }

    public async Task Deliver(object fact, bool bulk = false, Guid? eventId = null) =>
        Assert.Equal(HttpStatusCode.OK, await Process.DeliverAsync(fact, eventId, bulk));

    /// <summary>Moves the clock of every instance; what is due by then has happened when this returns.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        // Clocks move by whole seconds; otherwise this one would run ahead a little with every call.
        by = TimeSpan.FromSeconds(Math.Ceiling(by.TotalSeconds));
        offset += by;
        await Task.WhenAll(processes.Skip(1).Select(p => p.AdvanceClockAsync(by)));
    }

    /// <summary>Moves the clock past a pool's deadline.</summary>
    public async Task AdvancePastAsync(Guid pool) =>
        await AdvanceAsync((await PoolAsync(pool)).GetProperty("closesAt").GetDateTime() - Now + TimeSpan.FromSeconds(5));

    /// <summary>The notices about a pool, of one kind or all, oldest first.</summary>
    public async Task<List<PoolNoticeGiven>> NoticesAsync(Guid pool, string? kind = null) =>
        [.. (await Process.FactsAsync<PoolNoticeGiven>()).Where(n => n.PoolId == pool && (kind is null || n.Kind == kind))];

    /// <summary>Puts commitments of one unit each beside those that joined, without the time that joining takes.</summary>
    public async Task CrowdAsync(Guid pool, int count)
    {
        await using var db = new NpgsqlConnection(Process.ConnectionString);
        await db.ExecuteAsync(
            """
            insert into commitment (id, pool_id, organisation_id, organisation_name, siren, departement, status, quantity, tolerance, joined_at, placed_version, version)
            select gen_random_uuid(), @pool, gen_random_uuid(), 'Atelier ' || n, lpad(n::text, 9, '0'), '62', 'committed', 1, 0, now(), 1, 1 from generate_series(1, @count) n
            """, new { pool, count });
    }

    /// <summary>Waits until a commitment has a status.</summary>
    public async Task<JsonElement> EventuallyAsync(Guid commitment, string status)
    {
        for (var i = 0; ; i++)
        {
            var body = await CommitmentAsync(commitment);
            if (body.GetProperty("status").GetString() == status)
            {
                return body;
            }

            Assert.True(i < 200, $"still {body}\n{Process.Output}");
            await Task.Delay(50);
        }
    }

    private Task<ServiceProcess> StartAsync(string database, TestIdentity identity) => ServiceProcess.StartAsync("services/PooledOrders", database, identity, new Dictionary<string, string>
    {
        ["Stripe__SecretKey"] = "sk_test_of_the_test",
        ["Stripe__BaseAddress"] = Simulator.Http.BaseAddress!.AbsoluteUri,
        ["Stripe__WebhookSecret"] = WebhookSecret,
        ["PublicAddress"] = "http://127.0.0.1:8080",
    });
}
