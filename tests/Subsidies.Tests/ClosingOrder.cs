using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>Money of closed pools moves in the order of their closings, whatever comes first. A service of its own: numbers have no gaps.</summary>
public sealed class ClosingOrder(TestPostgres postgres)
{
    [Fact]
    public async Task a_closing_waits_for_those_before_it()
    {
        await using var subsidies = new SubsidiesService(postgres);
        await subsidies.InitializeAsync();
        var programme = await subsidies.OpenAsync(("budgetCents", 500_00));
        var (failed, first, second) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Guid.CreateVersion7());
        var (inFailed, inFirst, inSecond) = (Facts.Placed(failed, 400_00, [programme]), Facts.Placed(first, 1_000_00, [programme]), Facts.Placed(second, 1_000_00, [programme]));
        foreach (var placed in new[] { inFailed, inFirst, inSecond })
        {
            await subsidies.DeliverAsync(placed);
        }

        await subsidies.DeliverAsync(Facts.Confirmed(second, 1, (inSecond, 800_00))[0] with { ClosingNumber = 3 });
        await subsidies.DeliverAsync(Facts.Confirmed(first, 1, (inFirst, 800_00))[0] with { ClosingNumber = 2 });
        var waiting = await subsidies.GrantsAsync($"programmeId={programme}");
        Assert.All(waiting.Values, grant => Assert.Equal("reserved", grant.Status));

        await subsidies.DeliverAsync(Facts.PoolEnded(failed) with { ClosingNumber = 1 });

        var settled = await subsidies.GrantsAsync($"programmeId={programme}");
        Assert.Equal("released", settled[inFailed.CommitmentId].Status);
        Assert.Equal(("granted", 400_00), (settled[inFirst.CommitmentId].Status, settled[inFirst.CommitmentId].Cents));
        Assert.Equal(("granted", 100_00), (settled[inSecond.CommitmentId].Status, settled[inSecond.CommitmentId].Cents));
    }
}
