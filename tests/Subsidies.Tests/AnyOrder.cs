using Marketplace.Events.PooledOrders;

namespace Marketplace.Subsidies.Tests;

/// <summary>Facts arrive twice, late and in any order; what they come to is the same.</summary>
[Collection(SharedService.Name)]
public sealed class AnyOrder(SubsidiesService subsidies)
{
    [Fact]
    public async Task every_order_with_duplicates_comes_to_the_same_end()
    {
        var random = new Random(20261122);
        for (var round = 0; round < 40; round++)
        {
            var (programme, history, expected) = await HistoryAsync();
            var deliveries = history.Select(fact => (Fact: fact, EventId: Guid.CreateVersion7())).ToList();

            // Some are delivered again with the same event id (the bus), some told again with another (a replay).
            deliveries.AddRange(deliveries.Where(_ => random.Next(3) == 0).ToList());
            deliveries.AddRange(history.Where(_ => random.Next(4) == 0).Select(fact => (fact, Guid.CreateVersion7())));
            if (round > 0)
            {
                random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(deliveries));
            }

            foreach (var (fact, eventId) in deliveries)
            {
                await subsidies.DeliverAsync(fact, eventId);
            }

            var held = await subsidies.GrantsAsync($"programmeId={programme}");
            foreach (var (commitment, granted) in expected)
            {
                // One that ended before it was known never had a grant.
                var (status, cents, _) = held.GetValueOrDefault(commitment, ("released", 0, []));
                Assert.Equal(granted is null ? ("released", 0) : ("granted", granted.Value), (status, cents));
            }

            var total = expected.Values.Sum(g => g ?? 0);
            Assert.Equal((0, total, 1_000_000_00 - total), await subsidies.EnvelopeAsync(programme));
        }

        await SubsidiesService.AssertBalancedAsync(subsidies.Process.ConnectionString);
    }

    /// <summary>Two pools: one confirmed in two parts with amended, withdrawn, unallocated and defaulted commitments, one that failed.</summary>
    private async Task<(Guid Programme, List<object> History, Dictionary<Guid, long?> Granted)> HistoryAsync()
    {
        var programme = await subsidies.OpenAsync();
        var (pool, failed) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        CommitmentPlaced Placed(Guid p, long net) => Facts.Placed(p, net, [programme]);
        var (amended, plain, withdrawn, unallocated, defaulted) = (Placed(pool, 100_00), Placed(pool, 200_00), Placed(pool, 300_00), Placed(pool, 400_00), Placed(pool, 500_00));
        var (one, two) = (Placed(failed, 600_00), Placed(failed, 700_00));
        var parts = Facts.Confirmed(pool, 2, (amended, 90_00), (plain, 180_00), (defaulted, 450_00));
        return (
            programme,
            [
                amended, plain, amended with { ReservableNetCents = 150_00, Version = 2 }, one, withdrawn, unallocated, Facts.Ended(withdrawn), defaulted, two,
                amended with { ReservableNetCents = 120_00, Version = 3 }, parts[0], parts[1], Facts.Ended(defaulted, "defaulted"), Facts.PoolEnded(failed),
            ],
            new()
            {
                [amended.CommitmentId] = 45_00,
                [plain.CommitmentId] = 90_00,
                [withdrawn.CommitmentId] = null,
                [unallocated.CommitmentId] = null,
                [defaulted.CommitmentId] = null,
                [one.CommitmentId] = null,
                [two.CommitmentId] = null,
            });
    }
}
