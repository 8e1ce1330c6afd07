using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>Reserving, amending, releasing, and the turn of those that an envelope cut.</summary>
[Collection(SharedService.Name)]
public sealed class Reservations(SubsidiesService subsidies)
{
    [Fact]
    public async Task a_placement_holds_aid_and_tells_it()
    {
        var programme = await subsidies.OpenAsync();
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_01, [programme]);

        await subsidies.DeliverAsync(placed);

        var reserved = Assert.Single(await subsidies.Process.FactsAsync<AidReserved>(placed.CommitmentId));
        Assert.Equal((placed.PoolId, 1, 1), (reserved.PoolId, reserved.CommitmentVersion, reserved.Version));
        var part = Assert.Single(reserved.Parts);
        Assert.Equal((programme, "Ville", 500_00L), (part.ProgrammeId, part.Funder, part.AmountCents));
        Assert.Empty(part.LimitedBy);
        Assert.Equal((500_00, 0, 999_500_00), await subsidies.EnvelopeAsync(programme));
    }

    [Fact]
    public async Task a_pool_without_programmes_is_told_empty_parts()
    {
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, []);

        await subsidies.DeliverAsync(placed);
        await subsidies.DeliverAsync(Facts.Confirmed(placed.PoolId, 1, (placed, 900_00))[0]);

        Assert.Empty(Assert.Single(await subsidies.Process.FactsAsync<AidReserved>(placed.CommitmentId)).Parts);
        var granted = Assert.Single(await subsidies.Process.FactsAsync<AidGranted>(placed.CommitmentId));
        Assert.Empty(granted.Parts);
        Assert.Equal((900_00, 2), (granted.NetCents, granted.Version));
    }

    [Fact]
    public async Task an_unknown_programme_gives_nothing_and_says_so()
    {
        var programme = await subsidies.OpenAsync();
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [Guid.CreateVersion7(), programme]);

        await subsidies.DeliverAsync(placed);

        var parts = Assert.Single(await subsidies.Process.FactsAsync<AidReserved>(placed.CommitmentId)).Parts;
        Assert.Equal([500_00, 0], parts.Select(p => p.AmountCents));
        Assert.Equal(["not-in-force"], parts[1].LimitedBy);
    }

    [Fact]
    public async Task a_newer_placement_replaces_what_was_reserved_and_an_older_one_is_ignored()
    {
        var programme = await subsidies.OpenAsync();
        var first = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);
        var amended = first with { ReservableNetCents = 3_000_00, Version = 3 };

        await subsidies.DeliverAsync(first);
        await subsidies.DeliverAsync(amended);
        await subsidies.DeliverAsync(first with { ReservableNetCents = 2_000_00, Version = 2 });
        await subsidies.DeliverAsync(amended);

        Assert.Equal([(1, 500_00), (3, 1_500_00)], (await subsidies.Process.FactsAsync<AidReserved>(first.CommitmentId)).Select(r => (r.CommitmentVersion, r.Parts[0].AmountCents)));
        Assert.Equal(1_500_00, (await subsidies.EnvelopeAsync(programme)).Reserved);
    }

    [Fact]
    public async Task returned_money_goes_to_the_reservations_that_were_cut_in_join_order()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 1_000_00));
        var pool = Guid.CreateVersion7();
        var placed = Enumerable.Range(0, 4).Select(_ => Facts.Placed(pool, 800_00, [programme])).ToList();
        foreach (var p in placed)
        {
            await subsidies.DeliverAsync(p);
        }

        Assert.Equal([400_00, 400_00, 200_00, 0], await AmountsAsync());

        await subsidies.DeliverAsync(Facts.Ended(placed[0]));

        Assert.Equal([0, 400_00, 400_00, 200_00], await AmountsAsync());
        var grants = await subsidies.GrantsAsync($"programmeId={programme}");
        Assert.Equal("released", grants[placed[0].CommitmentId].Status);
        Assert.Empty(grants[placed[2].CommitmentId].LimitedBy);
        Assert.Equal(["envelope-exhausted"], grants[placed[3].CommitmentId].LimitedBy);
        Assert.Equal([2], (await subsidies.Process.FactsAsync<AidReleased>(placed[0].CommitmentId)).Select(r => r.Version));
        Assert.Equal([0, 200_00], (await subsidies.Process.FactsAsync<AidReserved>(placed[3].CommitmentId)).Select(r => r.Parts[0].AmountCents));

        async Task<IEnumerable<long>> AmountsAsync()
        {
            var held = await subsidies.GrantsAsync($"programmeId={programme}");
            return placed.Select(p => held[p.CommitmentId].Cents).ToList();
        }
    }

    [Fact]
    public async Task a_smaller_amendment_and_a_larger_budget_give_the_cut_their_turn_too()
    {
        var programme = await subsidies.OpenAsync(("budgetCents", 500_00));
        var pool = Guid.CreateVersion7();
        var (first, second) = (Facts.Placed(pool, 1_000_00, [programme]), Facts.Placed(pool, 1_000_00, [programme]));
        await subsidies.DeliverAsync(first);
        await subsidies.DeliverAsync(second);

        await subsidies.DeliverAsync(first with { ReservableNetCents = 400_00, Version = 2 });
        Assert.Equal(300_00, (await subsidies.GrantsAsync($"programmeId={programme}"))[second.CommitmentId].Cents);

        await subsidies.Process.PostAsync($"/api/subsidies/programmes/{programme}/budget", new { deltaCents = 150_00, reason = "Décision modificative" }, subsidies.Finance);
        Assert.Equal(450_00, (await subsidies.GrantsAsync($"programmeId={programme}"))[second.CommitmentId].Cents);
        Assert.Equal((650_00, 0, 0), await subsidies.EnvelopeAsync(programme));
    }

    [Fact]
    public async Task the_cap_counts_every_pool_of_the_business()
    {
        var programme = await subsidies.OpenAsync(("capCents", 600_00));
        var business = TestOrganisation.New();
        var (first, second) = (Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme], business), Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme], business));

        await subsidies.DeliverAsync(first);
        await subsidies.DeliverAsync(second);

        var held = await subsidies.GrantsAsync($"programmeId={programme}&siren={business.Siren}");
        Assert.Equal(500_00, held[first.CommitmentId].Cents);
        Assert.Equal(100_00, held[second.CommitmentId].Cents);
        Assert.Equal(["cap-reached"], held[second.CommitmentId].LimitedBy);
    }

    [Fact]
    public async Task linked_businesses_share_one_de_minimis_ceiling_whoever_declared_the_link_and_through_others()
    {
        var programme = await subsidies.OpenAsync(("deMinimis", true), ("rateBps", 10_000));
        var (a, b, c) = (TestOrganisation.New(), TestOrganisation.New(), TestOrganisation.New());
        await subsidies.Process.SendAsync(HttpMethod.Put, $"/api/subsidies/beneficiaries/{b.Siren}", new { linkedSirens = new[] { a.Siren, c.Siren } }, subsidies.Finance);
        var (first, second, third) = (
            Facts.Placed(Guid.CreateVersion7(), 200_000_00, [programme], a),
            Facts.Placed(Guid.CreateVersion7(), 100_000_01, [programme], c),
            Facts.Placed(Guid.CreateVersion7(), 100_000_00, [programme], b));

        await subsidies.DeliverAsync(first);
        await subsidies.DeliverAsync(second);
        await subsidies.DeliverAsync(third);

        var held = await subsidies.GrantsAsync($"programmeId={programme}");
        Assert.Equal([200_000_00, 0, 100_000_00], new[] { first, second, third }.Select(p => held[p.CommitmentId].Cents));
        Assert.Equal(["de-minimis-ceiling"], held[second.CommitmentId].LimitedBy);
        var standing = (await subsidies.Process.GetAsync($"/api/subsidies/beneficiaries/{c.Siren}", subsidies.Process.Identity.Business(c))).Body.GetProperty("deMinimis");
        Assert.Equal((300_000_00, 0), (standing.GetProperty("usedCents").GetInt64(), standing.GetProperty("availableCents").GetInt64()));
    }

    [Fact]
    public async Task a_programme_outside_its_validity_gives_nothing()
    {
        var programme = await subsidies.OpenAsync(("validFrom", "2020-01-01"), ("validUntil", "2021-01-01T00:00:00Z"));
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme]);

        await subsidies.DeliverAsync(placed);

        var held = (await subsidies.GrantsAsync($"programmeId={programme}"))[placed.CommitmentId];
        Assert.Equal(0, held.Cents);
        Assert.Equal(["not-in-force"], held.LimitedBy);
    }

    [Fact]
    public async Task a_failed_pool_returns_everything()
    {
        var programme = await subsidies.OpenAsync();
        var pool = Guid.CreateVersion7();
        await subsidies.DeliverAsync(Facts.Placed(pool, 1_000_00, [programme]));
        await subsidies.DeliverAsync(Facts.Placed(pool, 1_000_00, [programme]));

        await subsidies.DeliverAsync(Facts.PoolEnded(pool));
        var late = Facts.Placed(pool, 1_000_00, [programme]);
        await subsidies.DeliverAsync(late);

        Assert.Equal((0, 0, 1_000_000_00), await subsidies.EnvelopeAsync(programme));
        Assert.Single(await subsidies.Process.FactsAsync<AidReleased>(late.CommitmentId));
    }
}
