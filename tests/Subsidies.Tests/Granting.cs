using System.Text.Json;
using Dapper;
using Marketplace.Events.Subsidies;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Subsidies.Tests;

/// <summary>Granting at confirmation, and what can be said of a grant afterwards.</summary>
[Collection(SharedService.Name)]
public sealed class Granting(SubsidiesService subsidies)
{
    [Fact]
    public async Task reservations_return_first_then_aid_is_granted_in_join_order_on_the_allocated_amounts()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 1_000_00));
        var (pool, other) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        var (first, second, third) = (Facts.Placed(pool, 1_600_00, [programme]), Facts.Placed(pool, 1_600_00, [programme]), Facts.Placed(pool, 1_600_00, [programme]));
        var elsewhere = Facts.Placed(other, 1_600_00, [programme]);
        foreach (var placed in new[] { first, second, third, elsewhere })
        {
            await subsidies.DeliverAsync(placed);
        }

        await subsidies.DeliverAsync(Facts.Confirmed(pool, 1, (second, 600_00), (first, 600_00))[0]);

        var held = await subsidies.GrantsAsync($"programmeId={programme}");
        Assert.Equal(("granted", 300_00), (held[first.CommitmentId].Status, held[first.CommitmentId].Cents));
        Assert.Equal(("granted", 300_00), (held[second.CommitmentId].Status, held[second.CommitmentId].Cents));
        Assert.Equal(("released", 0), (held[third.CommitmentId].Status, held[third.CommitmentId].Cents));
        Assert.Equal(("reserved", 400_00), (held[elsewhere.CommitmentId].Status, held[elsewhere.CommitmentId].Cents));
        Assert.Equal((400_00, 600_00, 0), await subsidies.EnvelopeAsync(programme));
        var granted = Assert.Single(await subsidies.Process.FactsAsync<AidGranted>(second.CommitmentId));
        Assert.Equal((600_00, 300_00), (granted.NetCents, granted.Parts[0].AmountCents));
        Assert.Single(await subsidies.Process.FactsAsync<AidReleased>(third.CommitmentId));
    }

    [Fact]
    public async Task what_is_granted_is_never_raised_but_returns_when_the_business_defaults()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 500_00));
        var pool = Guid.CreateVersion7();
        var (first, second) = (Facts.Placed(pool, 1_000_00, [programme]), Facts.Placed(pool, 1_000_00, [programme]));
        await subsidies.DeliverAsync(first);
        await subsidies.DeliverAsync(second);
        await subsidies.DeliverAsync(Facts.Confirmed(pool, 1, (first, 900_00), (second, 900_00))[0]);

        await subsidies.DeliverAsync(Facts.Ended(first, "defaulted"));

        var held = await subsidies.GrantsAsync($"poolId={pool}");
        Assert.Equal("released", held[first.CommitmentId].Status);
        Assert.Equal(("granted", 50_00), (held[second.CommitmentId].Status, held[second.CommitmentId].Cents));
        Assert.Equal((0, 50_00, 450_00), await subsidies.EnvelopeAsync(programme));
    }

    [Fact]
    public async Task a_pool_told_in_parts_is_granted_once_with_the_last_part_and_the_last_placement()
    {
        var programme = await subsidies.OpenAsync();
        var pool = Guid.CreateVersion7();
        var placed = Enumerable.Range(0, 5).Select(_ => Facts.Placed(pool, 1_000_00, [programme])).ToList();
        var parts = Facts.Confirmed(pool, 3, [.. placed.Select(p => (p, 800_00L))]);
        await subsidies.DeliverAsync(parts[2]);
        foreach (var p in placed.Skip(1))
        {
            await subsidies.DeliverAsync(p);
        }

        await subsidies.DeliverAsync(parts[0]);
        await subsidies.DeliverAsync(parts[0]);
        await subsidies.DeliverAsync(parts[1]);
        Assert.Equal((2_000_00, 0, 998_000_00), await subsidies.EnvelopeAsync(programme));

        await subsidies.DeliverAsync(placed[0]);
        Assert.Equal((0, 2_000_00, 998_000_00), await subsidies.EnvelopeAsync(programme));
        foreach (var p in placed)
        {
            Assert.Single(await subsidies.Process.FactsAsync<AidGranted>(p.CommitmentId));
        }
    }

    [Fact]
    public async Task a_grant_shows_its_frozen_inputs_and_steps_and_can_be_computed_again()
    {
        var business = TestOrganisation.New();
        var region = await subsidies.OpenAsync(("rateBps", 5_000), ("capCents", 600_00), ("priority", 1), ("intensityCeilingBps", 8_000), ("funder", "Région"));
        var city = await subsidies.OpenAsync(("rateBps", 3_000), ("capCents", 250_00), ("priority", 2), ("intensityCeilingBps", 8_000));
        var placed = Facts.Placed(Guid.CreateVersion7(), 2_000_00, [city, region], business);
        await subsidies.DeliverAsync(placed);
        await subsidies.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 1_000_01))[0]);

        var grants = (await subsidies.Process.GetAsync($"/api/subsidies/grants?siren={business.Siren}&status=granted", subsidies.Finance)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(2, grants.Count);
        foreach (var grant in grants)
        {
            var inputs = grant.GetProperty("calculation").GetProperty("inputs");
            Assert.Equal((1_000_01, 0, 0), (Number(inputs, "netCents"), Number(inputs, "otherPublicAidCents"), Number(inputs, "priorDeMinimisCents")));
            var steps = grant.GetProperty("calculation").GetProperty("decision").GetProperty("steps").EnumerateArray().ToList();
            Assert.Equal([region, city], steps.Select(s => s.GetProperty("programmeId").GetGuid()));
            Assert.Equal([500_00, 300_00], steps.Select(s => Number(s, "rawCents")));
            Assert.Equal([800_00, 300_00], steps.Select(s => Number(s, "roomLeftCents")));
            var again = (await subsidies.Process.GetAsync($"/api/subsidies/grants/{grant.GetProperty("id").GetGuid()}/recomputation", subsidies.Finance)).Body;
            Assert.True(again.GetProperty("same").GetBoolean());
            Assert.Equal(Number(grant, "grantedCents"), Number(again, "recomputedCents"));
        }

        static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();
    }

    [Fact]
    public async Task the_list_pages_through_everything_once()
    {
        var programme = await subsidies.OpenAsync();
        var placed = Enumerable.Range(0, 7).Select(_ => Facts.Placed(Guid.CreateVersion7(), 10_00, [programme])).ToList();
        foreach (var p in placed)
        {
            await subsidies.DeliverAsync(p);
        }

        var seen = new List<Guid>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await subsidies.Process.GetAsync($"/api/subsidies/grants?programmeId={programme}&limit=3{(cursor.Length > 0 ? $"&cursor={cursor}" : "")}", subsidies.Finance)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(g => g.GetProperty("commitmentId").GetGuid()));
            cursor = page.GetProperty("nextCursor").GetString();
        }

        Assert.Equal(placed.Select(p => p.CommitmentId).Order(), seen.Order());
    }

    [Fact]
    public async Task the_database_itself_refuses_to_overspend()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 100));
        await using var db = new NpgsqlConnection(subsidies.Process.ConnectionString);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync("update programme set reserved_cents = 60, granted_cents = 41 where id = @programme", new { programme }));

        Assert.Equal("never_overspent", refused.ConstraintName);
    }
}
