using System.Net;
using System.Text.Json;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>
/// The campaign file, played as facts in its order, against what an independent model says it must come to. The awards
/// are taken from the expected file: the closing is pooled-orders' own.
/// </summary>
public sealed class Campaign(TestPostgres postgres)
{
    /// <summary>The declared days of the file are told on this day; they move along with today.</summary>
    private static readonly DateOnly WrittenOn = new(2026, 11, 22);

    [Fact]
    public async Task the_campaign_comes_to_the_expected_aid_to_the_cent()
    {
        await using var service = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync());
        var finance = service.Identity.Staff("finance");
        var campaign = Read("campaign-1.json");
        var expected = Read("campaign-1.expected.json");
        var programmes = await OpenProgrammesAsync(service, finance, campaign);
        var businesses = await DeclareAsync(service, finance, campaign);
        var packs = campaign.GetProperty("packs").EnumerateArray().ToDictionary(Key);
        var placed = new Dictionary<string, CommitmentPlaced>();

        foreach (var pool in campaign.GetProperty("pools").EnumerateArray())
        {
            var poolId = Guid.CreateVersion7();
            var programmeIds = pool.GetProperty("programmes").EnumerateArray().Select(p => programmes[p.GetString()!]).ToArray();
            var pack = packs[pool.GetProperty("pack").GetString()!];
            var commitments = pool.GetProperty("commitments").EnumerateArray().ToList();
            foreach (var commitment in commitments)
            {
                var business = commitment.GetProperty("business").GetString()!;
                var price = pack.GetProperty("tiers").EnumerateArray().Select(t => t.GetProperty("unitPriceCents").GetInt64()).Where(p => p <= (Optional(commitment, "priceLimitCents") ?? long.MaxValue)).Max();
                var net = (commitment.GetProperty("quantity").GetInt64() + (Optional(commitment, "tolerance") ?? 0)) * price;
                var fact = Facts.Placed(poolId, net, programmeIds, businesses[business], pack.GetProperty("category").GetString()!);
                placed.Add($"{Key(pool)}/{business}", fact);
                await DeliverAsync(service, fact);
            }

            foreach (var withdrawn in commitments.Where(c => c.TryGetProperty("withdraw", out var w) && w.GetBoolean()))
            {
                await DeliverAsync(service, Facts.Ended(placed[$"{Key(pool)}/{withdrawn.GetProperty("business").GetString()}"]));
            }
        }

        foreach (var pool in campaign.GetProperty("pools").EnumerateArray())
        {
            var allocated = expected.GetProperty("commitments").EnumerateObject()
                .Where(c => c.Name.StartsWith(Key(pool) + "/", StringComparison.Ordinal) && c.Value.TryGetProperty("netCents", out _))
                .Select(c => (placed[c.Name], c.Value.GetProperty("netCents").GetInt64()))
                .ToArray();
            await DeliverAsync(service, Facts.Confirmed(allocated[0].Item1.PoolId, 1, allocated)[0]);
        }

        var granted = (await service.FactsAsync<AidGranted>()).ToDictionary(g => g.CommitmentId);
        var reserved = (await service.FactsAsync<AidReserved>()).GroupBy(r => r.CommitmentId).ToDictionary(g => g.Key, g => g.MaxBy(r => r.Version)!);
        foreach (var (name, outcome) in expected.GetProperty("commitments").EnumerateObject().Select(c => (c.Name, c.Value)))
        {
            var id = placed[name].CommitmentId;
            if (!outcome.TryGetProperty("aid", out var aid))
            {
                Assert.False(granted.ContainsKey(id), name);
                Assert.Single(await service.FactsAsync<AidReleased>(id));
                continue;
            }

            foreach (var part in granted[id].Parts)
            {
                var programme = programmes.Single(p => p.Value == part.ProgrammeId).Key;
                var limits = outcome.TryGetProperty("limitedBy", out var all) && all.TryGetProperty(programme, out var names) ? names.EnumerateArray().Select(n => n.GetString()!) : [];
                Assert.Equal((name, programme, aid.GetProperty(programme).GetInt64()), (name, programme, part.AmountCents));
                Assert.Equal(limits, part.LimitedBy);
            }
        }

        foreach (var (name, envelope) in expected.GetProperty("programmes").EnumerateObject().Select(p => (p.Name, p.Value)))
        {
            var programme = (await service.GetAsync($"/api/subsidies/programmes/{programmes[name]}", finance)).Body;
            Assert.Equal((name, envelope.GetProperty("heldCents").GetInt64()), (name, programme.GetProperty("reservedCents").GetInt64() + programme.GetProperty("grantedCents").GetInt64()));
            Assert.Equal((name, envelope.GetProperty("availableCents").GetInt64()), (name, programme.GetProperty("availableCents").GetInt64()));
        }

        var toppedUp = granted.Values.Count(g => g.Parts.Any(p => p.AmountCents > reserved[g.CommitmentId].Parts.Single(r => r.ProgrammeId == p.ProgrammeId).AmountCents));
        Assert.Equal(expected.GetProperty("toppedUp").GetInt32(), toppedUp);
        await SubsidiesService.AssertBalancedAsync(service.ConnectionString);
    }

    private static async Task<Dictionary<string, Guid>> OpenProgrammesAsync(ServiceProcess service, string finance, JsonElement campaign)
    {
        var ids = new Dictionary<string, Guid>();
        foreach (var programme in campaign.GetProperty("programmes").EnumerateArray())
        {
            var answer = await service.PostAsync("/api/subsidies/programmes", programme.GetRawText(), finance);
            Assert.Equal(HttpStatusCode.Created, answer.Status);
            ids.Add(Key(programme), answer.Body.GetProperty("id").GetGuid());
        }

        return ids;
    }

    private static async Task<Dictionary<string, TestOrganisation>> DeclareAsync(ServiceProcess service, string finance, JsonElement campaign)
    {
        var days = DateOnly.FromDateTime(DateTime.UtcNow).DayNumber - WrittenOn.DayNumber;
        var businesses = new Dictionary<string, TestOrganisation>();
        foreach (var b in campaign.GetProperty("businesses").EnumerateArray())
        {
            var business = new TestOrganisation(
                Guid.CreateVersion7(), b.GetProperty("name").GetString()!, b.GetProperty("siret").GetString()!, b.GetProperty("departement").GetString()!,
                (int?)Optional(b, "headcount"), Optional(b, "turnoverCents"));
            businesses.Add(Key(b), business);
            var linked = b.TryGetProperty("linkedSirens", out var l) ? l : JsonSerializer.SerializeToElement(Array.Empty<string>());
            var declared = b.TryGetProperty("declaredAid", out var d) ? d.EnumerateArray().Select(a => new
            {
                grantedOn = DateOnly.Parse(a.GetProperty("grantedOn").GetString()!).AddDays(days),
                amountCents = a.GetProperty("amountCents").GetInt64(),
                source = a.GetProperty("source").GetString(),
                deMinimis = a.GetProperty("deMinimis").GetBoolean(),
            }).ToArray() : [];
            if (linked.GetArrayLength() + declared.Length > 0)
            {
                Assert.Equal(HttpStatusCode.OK, (await service.SendAsync(HttpMethod.Put, $"/api/subsidies/beneficiaries/{business.Siren}", new { linkedSirens = linked, declaredAid = declared }, finance)).Status);
            }
        }

        return businesses;
    }

    private static async Task DeliverAsync(ServiceProcess service, object fact) =>
        Assert.Equal(HttpStatusCode.OK, await service.DeliverAsync(fact, bulk: fact is CommitmentPlaced));

    private static string Key(JsonElement element) => element.GetProperty("key").GetString()!;

    private static long? Optional(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static JsonElement Read(string file) => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, file)));
}
