using System.Net;
using System.Text.Json;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Npgsql;

[assembly: AssemblyFixture(typeof(TestPostgres))]

namespace Marketplace.Subsidies.Tests;

/// <summary>Tests that share one running service.</summary>
[CollectionDefinition(Name)]
public sealed class SharedService : ICollectionFixture<SubsidiesService>
{
    public const string Name = "subsidies";
}

/// <summary>The service as a process on its own database, shared by the tests of a collection; each test opens its own programmes.</summary>
public sealed class SubsidiesService(TestPostgres postgres) : IAsyncLifetime
{
    private ServiceProcess? process;

    public ServiceProcess Process => process!;

    public string Finance { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        process = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync());
        Finance = process.Identity.Staff(Roles.Finance);
    }

    public ValueTask DisposeAsync() => process?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A programme that takes everyone, at 50 % and without a limit that binds, but for what is overridden.</summary>
    public static Dictionary<string, object?> Programme(params (string Field, object? Value)[] fields)
    {
        var body = new Dictionary<string, object?>
        {
            ["name"] = "Fonds cyber",
            ["funder"] = "Ville",
            ["budgetCents"] = 1_000_000_00,
            ["rateBps"] = 5_000,
            ["categories"] = new[] { "antivirus", "audit" },
            ["territories"] = new[] { "59", "62" },
            ["deMinimis"] = false,
        };
        foreach (var (field, value) in fields)
        {
            body[field] = value;
        }

        return body;
    }

    public async Task<Guid> OpenAsync(params (string Field, object? Value)[] fields)
    {
        var answer = await Process.PostAsync("/api/subsidies/programmes", Programme(fields), Finance);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Body.GetProperty("id").GetGuid();
    }

    public async Task DeliverAsync(object fact, Guid? eventId = null) =>
        Assert.Equal(HttpStatusCode.OK, await Process.DeliverAsync(fact, eventId, bulk: fact is CommitmentPlaced or CommitmentPaid or DeliveryAccepted));

    public async Task<JsonElement> ProgrammeAsync(Guid id) => (await Process.GetAsync($"/api/subsidies/programmes/{id}", Finance)).Body;

    public async Task<(long Reserved, long Granted, long Available)> EnvelopeAsync(Guid id)
    {
        var programme = await ProgrammeAsync(id);
        return (programme.GetProperty("reservedCents").GetInt64(), programme.GetProperty("grantedCents").GetInt64(), programme.GetProperty("availableCents").GetInt64());
    }

    /// <summary>What each commitment holds under a programme, whether reserved or granted, read through the API.</summary>
    public async Task<Dictionary<Guid, (string Status, long Cents, string[] LimitedBy)>> GrantsAsync(string filter)
    {
        var grants = new Dictionary<Guid, (string, long, string[])>();
        string? cursor = null;
        do
        {
            var page = (await Process.GetAsync($"/api/subsidies/grants?{filter}&limit=200{(cursor is null ? "" : $"&cursor={cursor}")}", Finance)).Body;
            foreach (var g in page.GetProperty("items").EnumerateArray())
            {
                grants.Add(
                    g.GetProperty("commitmentId").GetGuid(),
                    (g.GetProperty("status").GetString()!,
                    g.GetProperty("reservedCents").GetInt64() + g.GetProperty("grantedCents").GetInt64(),
                    g.GetProperty("limitedBy").EnumerateArray().Select(l => l.GetString()!).ToArray()));
            }

            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        return grants;
    }

    /// <summary>Every envelope's totals are the sums of its grants, and none is overspent.</summary>
    public static async Task AssertBalancedAsync(string connectionString)
    {
        await using var db = new NpgsqlConnection(connectionString);
        Assert.Empty(await db.QueryAsync(
            """
            select p.id from programme p left join aid_grant g on g.programme_id = p.id
            group by p.id
            having p.reserved_cents <> coalesce(sum(g.reserved_cents), 0) or p.granted_cents <> coalesce(sum(g.granted_cents), 0)
              or p.reserved_cents + p.granted_cents + p.paid_cents > p.budget_cents
            """));
    }
}

/// <summary>Facts of pooled-orders as tests need them.</summary>
public static class Facts
{
    private static readonly DateTime Start = DateTime.UtcNow.AddMinutes(-10);
    private static int joins;

    public static CommitmentPlaced Placed(Guid poolId, long netCents, Guid[] programmes, TestOrganisation? business = null, string category = "antivirus")
    {
        business ??= TestOrganisation.New();
        return new CommitmentPlaced(
            Guid.CreateVersion7(), poolId, business.Id, business.Name, business.Siren, business.Departement, business.Headcount, business.TurnoverCents, category, programmes, netCents,
            Start.AddMilliseconds(Interlocked.Increment(ref joins)), 1);
    }

    public static CommitmentEnded Ended(CommitmentPlaced placed, string outcome = "withdrawn") =>
        new(placed.CommitmentId, placed.PoolId, outcome, null, placed.Version + 1);

    public static CommitmentPaid Paid(CommitmentPlaced placed, Guid? providerId = null) =>
        new(placed.CommitmentId, placed.PoolId, providerId ?? Guid.CreateVersion7(), 10_00, "pi_1", DateTime.UtcNow, placed.Version + 2);

    public static DeliveryAccepted Accepted(CommitmentPlaced placed, long netCents, int quantity = 10, Guid? providerId = null) =>
        new(placed.CommitmentId, placed.PoolId, providerId ?? Guid.CreateVersion7(), quantity, netCents, DateOnly.FromDateTime(DateTime.UtcNow), false, DateTime.UtcNow, placed.Version + 4);

    public static PoolEnded PoolEnded(Guid poolId) => new(poolId, "failed", null, 3);

    /// <summary>The confirmation of a pool in as many parts as wanted.</summary>
    public static IReadOnlyList<PoolConfirmed> Confirmed(Guid poolId, int parts, params (CommitmentPlaced Placed, long NetCents)[] allocated)
    {
        var at = DateTime.UtcNow;
        var size = Math.Max(1, (allocated.Length + parts - 1) / parts);
        return Enumerable.Range(1, parts)
            .Select(part => new PoolConfirmed(
                poolId, Guid.CreateVersion7(), Guid.CreateVersion7(), "Artois Cyber", 100,
                allocated.Skip((part - 1) * size).Take(size).Select(a => new Allocation(a.Placed.CommitmentId, 1, a.NetCents)).ToArray(),
                allocated.Length, part, parts, at, 3))
            .ToList();
    }
}

/// <summary>Short for what tests read of an answer.</summary>
public static class JsonReading
{
    public static string Text(this JsonElement element, string field) => element.GetProperty(field).ToString();

    public static long Cents(this JsonElement element, string field) => element.GetProperty(field).GetInt64();
}
