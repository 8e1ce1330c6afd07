using System.Net;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>An envelope is never overspent: under concurrency, in several instances, across a crash.</summary>
public sealed class Overspending(TestPostgres postgres)
{
    [Fact]
    public async Task one_business_joining_sixty_pools_at_once_never_passes_its_cap()
    {
        var database = await postgres.NewDatabaseAsync();
        await using var first = await ServiceProcess.StartAsync("services/Subsidies", database);
        await using var second = await ServiceProcess.StartAsync("services/Subsidies", database, first.Identity);
        var finance = first.Identity.Staff("finance");
        var programme = (await first.PostAsync("/api/subsidies/programmes", SubsidiesService.Programme(("capCents", 500_00), ("rateBps", 10_000)), finance)).Body.GetProperty("id").GetGuid();
        var business = TestOrganisation.New();

        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(i =>
            (i % 2 == 0 ? first : second).DeliverAsync(Facts.Placed(Guid.CreateVersion7(), 100_00, [programme], business), bulk: true)));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.OK, a));
        var body = (await first.GetAsync($"/api/subsidies/programmes/{programme}", finance)).Body;
        Assert.Equal(500_00, body.GetProperty("reservedCents").GetInt64());
        await SubsidiesService.AssertBalancedAsync(database);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task of_200_concurrent_reservations_exactly_ten_find_room_through_two_instances(bool oneCrashes)
    {
        var database = await postgres.NewDatabaseAsync();
        await using var first = await ServiceProcess.StartAsync("services/Subsidies", database);
        await using var second = await ServiceProcess.StartAsync("services/Subsidies", database, first.Identity);
        var finance = first.Identity.Staff("finance");
        var programme = (await first.PostAsync("/api/subsidies/programmes", SubsidiesService.Programme(("budgetCents", 1_000_00), ("rateBps", 10_000)), finance)).Body.GetProperty("id").GetGuid();
        var pool = Guid.CreateVersion7();
        var placed = Enumerable.Range(0, 200).Select(_ => (Fact: Facts.Placed(pool, 100_00, [programme]), EventId: Guid.CreateVersion7())).ToList();

        var deliveries = placed.Select((p, i) => DeliverAsync(p.Fact, p.EventId, i)).ToList();
        if (oneCrashes)
        {
            await Task.WhenAny(deliveries);
            await second.KillAsync();
        }

        await Task.WhenAll(deliveries);

        var body = (await first.GetAsync($"/api/subsidies/programmes/{programme}", finance)).Body;
        Assert.Equal((1_000_00, 0), (body.GetProperty("reservedCents").GetInt64(), body.GetProperty("availableCents").GetInt64()));
        var grants = (await first.GetAsync($"/api/subsidies/grants?programmeId={programme}&limit=200", finance)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal(200, grants.Count);
        Assert.Equal(10, grants.Count(g => g.GetProperty("reservedCents").GetInt64() == 100_00));
        Assert.Equal(190, grants.Count(g => g.GetProperty("reservedCents").GetInt64() == 0 && g.GetProperty("limitedBy")[0].GetString() == "envelope-exhausted"));
        await SubsidiesService.AssertBalancedAsync(database);

        // As the sidecar does: what was not acknowledged is delivered again, here to the instance that lives.
        async Task DeliverAsync(object fact, Guid eventId, int i)
        {
            await Task.Yield();
            try
            {
                if (await (i % 2 == 0 ? first : second).DeliverAsync(fact, eventId, bulk: true) == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (HttpRequestException) when (oneCrashes)
            {
            }

            Assert.Equal(HttpStatusCode.OK, await first.DeliverAsync(fact, eventId, bulk: true));
        }
    }
}
