using System.Net;
using Dapper;
using Marketplace.Platform.Hosting;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Notices;
using Marketplace.PooledOrders.Pools;
using Marketplace.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Notices that time or other businesses' joins bring about. Tests move the clock, which only goes forward.</summary>
public sealed class DueNoticeTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    [Fact]
    public async Task everyone_with_an_active_commitment_is_told_once_three_days_before_the_closing()
    {
        var pool = await orders.OpenPoolAsync(days: 10);
        var staying = await JoinAsync(pool, 4);
        var other = await JoinAsync(pool, 3);
        var leaving = await JoinAsync(pool, 2);
        await orders.Process.PostAsync($"/api/commitments/{leaving.Commitment}/withdraw", null, orders.Process.Identity.Business(leaving.Business));
        var closesAt = await ClosesAtAsync(pool);

        await AdvanceToAsync(closesAt.AddDays(-3).AddMinutes(-2));
        Assert.Empty(await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon));
        await AdvanceToAsync(closesAt.AddDays(-3).AddMinutes(1));
        await orders.AdvanceAsync(TimeSpan.FromMinutes(1));
        var late = await JoinAsync(pool, 1);
        await orders.AdvanceAsync(TimeSpan.FromDays(1));

        var notice = Assert.Single(await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon));
        Assert.Equal([(staying.Business.Id, staying.Commitment), (other.Business.Id, other.Commitment)], notice.Recipients.Select(r => (r.OrganisationId, r.CommitmentId!.Value)));
        Assert.Equal((pool, "Antivirus pour tous", closesAt, 1), (notice.PoolId, notice.PoolTitle, notice.Until!.Value, notice.Version));
        Assert.All(notice.Recipients, r => Assert.Null(r.AmountCents));
        Assert.InRange(notice.GivenAt, closesAt.AddDays(-3), closesAt.AddDays(-3).AddMinutes(3));
        Assert.DoesNotContain(notice.Recipients, r => r.CommitmentId == late.Commitment);
    }

    [Fact]
    public async Task a_closing_that_was_moved_is_told_again_and_only_before_the_new_date()
    {
        var pool = await orders.OpenPoolAsync(days: 4);
        await JoinAsync(pool, 10);
        var first = await ClosesAtAsync(pool);
        await AdvanceToAsync(first.AddDays(-2));
        var second = first.AddDays(10);

        Assert.Equal(HttpStatusCode.OK, (await orders.Process.PostAsync($"/api/pools/{pool}/extend", new { closesAt = second }, orders.Buyer)).Status);
        await AdvanceToAsync(second.AddDays(-3).AddMinutes(-2));
        Assert.Single(await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon));
        await AdvanceToAsync(second.AddDays(-3).AddMinutes(1));

        Assert.Equal([first, second], (await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon)).Select(n => n.Until!.Value));
    }

    [Fact]
    public async Task a_pool_open_for_less_than_three_days_is_told_when_half_of_its_time_has_passed()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        await JoinAsync(pool, 10);
        var closesAt = await ClosesAtAsync(pool);

        await AdvanceToAsync(closesAt.AddDays(-1).AddMinutes(-2));
        Assert.Empty(await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon));
        await AdvanceToAsync(closesAt.AddDays(-1).AddMinutes(1));

        Assert.Single(await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon));
    }

    [Fact]
    public async Task a_pool_past_its_deadline_is_closed_and_not_told_and_a_frozen_one_is_told_once_it_is_open_again()
    {
        var (pack, provider, accreditation) = await orders.ListedPackAsync();
        var frozen = await orders.OpenPoolAsync(packId: pack, days: 5);
        var missed = await orders.OpenPoolAsync(days: 5);
        await JoinAsync(frozen, 10);
        await JoinAsync(missed, 10);
        await orders.AccreditAsync(provider, accreditation, "suspended", 2);

        await orders.AdvanceAsync(TimeSpan.FromDays(6));
        Assert.Empty(await orders.NoticesAsync(missed, NoticeKind.PoolClosesSoon));
        Assert.Empty(await orders.NoticesAsync(frozen));
        await orders.AccreditAsync(provider, accreditation, "active", 3);
        var closesAt = await ClosesAtAsync(frozen);
        await AdvanceToAsync(closesAt.AddDays(-3).AddMinutes(1));

        Assert.Equal(closesAt, Assert.Single(await orders.NoticesAsync(frozen, NoticeKind.PoolClosesSoon)).Until);
    }

    [Fact]
    public async Task a_pool_in_which_nobody_committed_tells_nobody_not_even_who_joins_after_that_moment()
    {
        var pool = await orders.OpenPoolAsync(days: 5);
        await AdvanceToAsync((await ClosesAtAsync(pool)).AddDays(-2));

        await JoinAsync(pool, 1);
        await orders.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Empty(await orders.NoticesAsync(pool));
    }

    [Fact]
    public async Task a_tier_that_comes_near_is_told_once_to_everyone_and_the_one_after_it_again()
    {
        var pool = await orders.OpenPoolAsync(days: 30);
        var first = await JoinAsync(pool, 8);
        await TickAsync();
        Assert.Empty(await orders.NoticesAsync(pool));

        var second = await JoinAsync(pool, 1);
        await TickAsync();
        await TickAsync();
        await orders.Process.PostAsync($"/api/commitments/{second.Commitment}/withdraw", null, orders.Process.Identity.Business(second.Business));
        await TickAsync();
        var third = await JoinAsync(pool, 1);
        await TickAsync();

        var notice = Assert.Single(await orders.NoticesAsync(pool));
        Assert.Equal(("next-tier-near", 1, 24_000L, await ClosesAtAsync(pool)), (notice.Kind, notice.MissingQuantity!.Value, notice.UnitPriceCents!.Value, notice.Until!.Value));
        Assert.Equal([first.Business.Id, second.Business.Id], notice.Recipients.Select(r => r.OrganisationId));

        await JoinAsync(pool, 9);
        await TickAsync();
        var next = (await orders.NoticesAsync(pool))[1..];
        Assert.Equal((2, 21_000L, 3), Assert.Single(next.Select(n => (n.MissingQuantity!.Value, n.UnitPriceCents!.Value, n.Recipients.Length))));
        Assert.Contains(next[0].Recipients, r => r.CommitmentId == third.Commitment);
        Assert.DoesNotContain(next[0].Recipients, r => r.CommitmentId == second.Commitment);
    }

    [Theory]
    [InlineData(8, 1, 500, null)]
    [InlineData(9, 1, 500, 1)]
    [InlineData(10, 1, 500, null)]
    [InlineData(18, 1, 500, 2)]
    [InlineData(44, 3, 500, null)]
    [InlineData(45, 3, 500, 5)]
    [InlineData(45, 3, 49, null)]
    [InlineData(50, 3, 500, null)]
    [InlineData(9, 0, 500, null)]
    public void a_tier_is_near_when_at_most_a_tenth_of_it_is_missing_and_the_pool_can_hold_it(int committed, int commitments, int max, int? missing) =>
        Assert.Equal(missing, NextTierComesNear.Near(new PriceLadder(PooledOrdersService.Tiers, 10), committed, commitments, max)?.Missing);

    [Fact]
    public async Task two_instances_give_each_notice_once()
    {
        var pools = new List<Guid>();
        for (var i = 0; i < 5; i++)
        {
            pools.Add(await orders.OpenPoolAsync(days: 5));
            await JoinAsync(pools[i], 9);
        }

        await orders.SecondInstanceAsync();
        await AdvanceToAsync((await ClosesAtAsync(pools[^1])).AddDays(-2));
        await TickAsync();

        foreach (var pool in pools)
        {
            Assert.Equal(["next-tier-near", "pool-closes-soon"], (await orders.NoticesAsync(pool)).Select(n => n.Kind).Order());
        }
    }

    [Fact]
    public async Task a_large_pool_is_told_in_parts_of_at_most_five_thousand()
    {
        var pool = await orders.OpenPoolAsync(days: 5);
        await orders.CrowdAsync(pool, 10_001);

        await AdvanceToAsync((await ClosesAtAsync(pool)).AddDays(-2));

        var parts = await orders.NoticesAsync(pool, NoticeKind.PoolClosesSoon);
        Assert.Equal([1, 5_000, 5_000], parts.Select(p => p.Recipients.Length).Order());
        Assert.Equal(10_001, parts.SelectMany(p => p.Recipients).DistinctBy(r => r.OrganisationId).Count());
        Assert.Equal(3, parts.DistinctBy(p => p.NoticeId).Count());
    }

    [Fact]
    public async Task joining_asks_the_database_nothing_about_notices()
    {
        var pool = await orders.OpenPoolAsync(days: 30);
        await JoinAsync(pool, 8);
        await TickAsync();
        new ServiceCollection().AddDatabase(new ConfigurationBuilder().Build(), "joining in the test's own process");
        var log = new Statements();
        await using var source = new NpgsqlDataSourceBuilder(orders.Process.ConnectionString).UseLoggerFactory(LoggerFactory.Create(b => b.AddProvider(log).SetMinimumLevel(LogLevel.Debug))).Build();
        await using var db = await source.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await db.BeginTransactionAsync(TestContext.Current.CancellationToken);
        log.Executed.Clear();

        var answers = await JoinTransaction.RunAsync(db, [.. Enumerable.Range(0, 3).Select(_ => (Request(pool), (string?)null))], orders.Now);

        // Reads under the pool's lock, writes, facts: three round trips, whatever the number of joins.
        Assert.All(answers, a => Assert.Equal(201, a.Status));
        Assert.Equal(3, log.Executed.Count);
        Assert.Contains(log.Executed, s => s.Contains("insert into commitment", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Executed, s => s.Contains("notice", StringComparison.Ordinal) || s.Contains("tier_watch", StringComparison.Ordinal));
        Assert.Equal(0, await db.ExecuteScalarAsync<int>("select count(*)::int from pg_trigger where tgrelid in ('pool'::regclass, 'commitment'::regclass) and not tgisinternal"));
    }

    [Fact]
    public async Task a_join_does_not_wait_for_a_notice_that_is_being_given()
    {
        var pool = await orders.OpenPoolAsync(days: 30);
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        await db.OpenAsync(TestContext.Current.CancellationToken);
        await using var giving = await db.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await db.ExecuteAsync("insert into notice (pool_id, kind, occasion, given_at) values (@pool, 'next-tier-near', '10', now()); insert into tier_watch values (@pool, 1)", new { pool });

        var joined = await orders.JoinAsync(pool, 9).WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Created, joined.Status);
    }

    private static JoinRequest Request(Guid pool)
    {
        var business = TestOrganisation.New();
        return new JoinRequest(pool, new Demand(1, 0, null), "pm_card_visa", Guid.CreateVersion7(), "business", business.Id, business.Name, business.Siren, business.Siret, business.Departement, 5, null, Guid.NewGuid().ToString(), [1]);
    }

    private async Task<(TestOrganisation Business, Guid Commitment)> JoinAsync(Guid pool, int quantity)
    {
        var business = TestOrganisation.New();
        return (business, (await orders.JoinAsync(pool, quantity, business: business)).Body.GetProperty("id").GetGuid());
    }

    private async Task<DateTime> ClosesAtAsync(Guid pool) => (await orders.PoolAsync(pool)).GetProperty("closesAt").GetDateTime();

    private Task AdvanceToAsync(DateTime instant) => orders.AdvanceAsync(instant - orders.Now);

    private Task TickAsync() => orders.AdvanceAsync(TimeSpan.FromSeconds(1));

    /// <summary>What Npgsql says that it executed, one entry per round trip.</summary>
    private sealed class Statements : ILoggerProvider, ILogger
    {
        public List<string> Executed { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception) is { } text && text.Contains("execution completed", StringComparison.Ordinal))
            {
                Executed.Add(text);
            }
        }
    }
}
