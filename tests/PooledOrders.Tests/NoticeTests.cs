using System.Net;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.PooledOrders.Notices;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Notices of what happens to a pool and its orders, in one transaction with it.</summary>
public sealed class NoticeTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    [Fact]
    public async Task a_confirmed_pool_tells_those_who_are_served_what_they_pay_and_its_provider()
    {
        var (pack, provider, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 5);
        var first = await JoinAsync(pool, 12);
        var second = await JoinAsync(pool, 10);
        await orders.JoinAsync(pool, 5, limit: 18_000);
        var leaving = await JoinAsync(pool, 20);
        await orders.Process.PostAsync($"/api/commitments/{leaving.Commitment}/withdraw", null, orders.Process.Identity.Business(leaving.Business));

        await orders.AdvancePastAsync(pool);
        await orders.AdvanceAsync(TimeSpan.FromMinutes(1));

        var confirmed = Assert.Single(await orders.NoticesAsync(pool, NoticeKind.PoolConfirmed));
        NoticeRecipient[] served = [new(first.Business.Id, first.Commitment, 302_400), new(second.Business.Id, second.Commitment, 252_000)];
        Assert.Equal(served.OrderBy(r => r.OrganisationId), confirmed.Recipients.OrderBy(r => r.OrganisationId));
        Assert.Equal((21_000L, null, null), (confirmed.UnitPriceCents!.Value, confirmed.Until, confirmed.MissingQuantity));
        var ordered = Assert.Single(await orders.NoticesAsync(pool, NoticeKind.OrderConfirmed));
        Assert.Equal(new NoticeRecipient(provider.Id, null, null), Assert.Single(ordered.Recipients));
        Assert.Empty(await orders.NoticesAsync(pool, NoticeKind.PoolFailed));
    }

    [Fact]
    public async Task what_a_business_pays_is_not_told_before_its_aid_is_known()
    {
        var programme = Guid.CreateVersion7();
        await orders.Deliver(new ProgrammeOpened(programme, "Chèque cyber", "Région", ["antivirus"], ["62"], DateTime.UtcNow, DateTime.UtcNow.AddYears(1), 1));
        var pool = await orders.OpenPoolAsync(days: 2, programmes: [programme]);
        var business = await JoinAsync(pool, 10);

        await orders.AdvancePastAsync(pool);

        Assert.Equal(new NoticeRecipient(business.Business.Id, business.Commitment, null), Assert.Single(Assert.Single(await orders.NoticesAsync(pool, NoticeKind.PoolConfirmed)).Recipients));
    }

    [Fact]
    public async Task a_failed_pool_tells_all_who_were_still_in_it()
    {
        var pool = await orders.OpenPoolAsync(days: 5);
        var staying = await JoinAsync(pool, 5);
        await orders.ReserveAsync(staying.Commitment, pool);
        var pending = await JoinAsync(pool, 3);
        var leaving = await JoinAsync(pool, 1);
        await orders.Process.PostAsync($"/api/commitments/{leaving.Commitment}/withdraw", null, orders.Process.Identity.Business(leaving.Business));

        await orders.AdvancePastAsync(pool);
        await orders.AdvanceAsync(TimeSpan.FromMinutes(1));

        var notice = Assert.Single(await orders.NoticesAsync(pool));
        Assert.Equal(NoticeKind.PoolFailed, notice.Kind);
        Assert.Equal([staying.Business.Id, pending.Business.Id], notice.Recipients.Select(r => r.OrganisationId));
    }

    [Fact]
    public async Task a_cancelled_pool_tells_all_who_were_still_in_it_in_parts_and_an_empty_one_nobody()
    {
        var pool = await orders.OpenPoolAsync(days: 30);
        var staying = await JoinAsync(pool, 5);
        await orders.CrowdAsync(pool, 5_000);
        var empty = await orders.OpenPoolAsync(days: 30);

        Assert.Equal(HttpStatusCode.OK, (await CancelAsync(pool)).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await CancelAsync(pool)).Status);
        Assert.Equal(HttpStatusCode.OK, (await CancelAsync(empty)).Status);

        var parts = await orders.NoticesAsync(pool, NoticeKind.PoolCancelled);
        Assert.Equal([1, 5_000], parts.Select(p => p.Recipients.Length).Order());
        Assert.Contains(parts.SelectMany(p => p.Recipients), r => r.OrganisationId == staying.Business.Id);
        Assert.Empty(await orders.NoticesAsync(empty));
    }

    [Fact]
    public async Task a_declined_charge_and_one_that_wants_the_payer_are_told_once_with_the_seven_days()
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var declined = await JoinAsync(pool, 10, "pm_card_chargeCustomerFail");
        var present = await JoinAsync(pool, 10, "pm_card_authenticationRequired");
        var paid = await JoinAsync(pool, 10, "pm_card_visa");
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        await orders.EventuallyAsync(paid.Commitment, "paid");
        await orders.EventuallyAsync(present.Commitment, "payment-failed");
        var dueUntil = (await orders.EventuallyAsync(declined.Commitment, "payment-failed")).GetProperty("payment").GetProperty("dueUntil").GetDateTime();

        var again = await orders.Process.PostAsync(
            $"/api/commitments/{declined.Commitment}/payment", new { paymentMethod = "pm_card_visa_chargeDeclinedInsufficientFunds" }, orders.Process.Identity.Business(declined.Business));

        Assert.Equal("payment-declined", again.Problem);
        var notices = await orders.NoticesAsync(pool, NoticeKind.PaymentFailed);
        NoticeRecipient[] told = [new(declined.Business.Id, declined.Commitment, 252_000), new(present.Business.Id, present.Commitment, 252_000)];
        Assert.Equal(told.OrderBy(r => r.OrganisationId), notices.Select(n => Assert.Single(n.Recipients)).OrderBy(r => r.OrganisationId));
        Assert.Equal(dueUntil, notices.Single(n => n.Recipients[0].CommitmentId == declined.Commitment).Until);
        Assert.All(notices, n => Assert.InRange(n.Until!.Value - n.GivenAt, TimeSpan.FromDays(7) - TimeSpan.FromSeconds(5), TimeSpan.FromDays(7) + TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task a_declared_delivery_is_told_to_each_business_and_a_correction_again()
    {
        var pool = await PaidPool.CreateAsync(orders, [20, 15]);
        await pool.DeliverAllAsync(key: "one");
        await pool.DeliverAllAsync(key: "one");
        await pool.DeliverAllAsync();
        var declared = Assert.Single(await orders.NoticesAsync(pool.Id, NoticeKind.DeliveryDeclared));
        Assert.Equal(pool.Commitments.Order(), declared.Recipients.Select(r => r.CommitmentId!.Value).Order());
        Assert.Equal([pool.Organisation(0).Id, pool.Organisation(1).Id], declared.Recipients.OrderBy(r => r.CommitmentId).Select(r => r.OrganisationId));

        await orders.AdvanceAsync(TimeSpan.FromDays(2));
        await pool.DeliverAsync(1, 14);

        var corrected = (await orders.NoticesAsync(pool.Id, NoticeKind.DeliveryDeclared))[^1];
        Assert.Equal(new NoticeRecipient(pool.Organisation(1).Id, pool.Commitments[1], null), Assert.Single(corrected.Recipients));
        var acceptBy = (await orders.CommitmentAsync(pool.Commitments[1])).GetProperty("delivery").GetProperty("acceptBy").GetDateTime();
        Assert.Equal(acceptBy, corrected.Until);
        Assert.True(declared.Until < corrected.Until);
    }

    [Fact]
    public async Task a_refused_delivery_is_told_to_the_provider_each_time_and_an_accepted_one_to_nobody()
    {
        var pool = await PaidPool.CreateAsync(orders, [20, 15]);
        await pool.DeliverAllAsync();
        await pool.AcceptAsync(1);
        await pool.AcceptAsync(0, accepted: false, reason: "Il manque deux clés.");
        Assert.Equal("wrong-status", (await pool.AcceptAsync(0, accepted: false, reason: "Il manque deux clés.")).Problem);
        var refused = Assert.Single(await orders.NoticesAsync(pool.Id, NoticeKind.DeliveryRefused));
        Assert.Equal(new NoticeRecipient(pool.Provider.Id, null, null), Assert.Single(refused.Recipients));

        await pool.DeliverAsync(0, 20);
        await pool.AcceptAsync(0, accepted: false, reason: "Encore une.");

        Assert.Equal(2, (await orders.NoticesAsync(pool.Id, NoticeKind.DeliveryRefused)).Count);
    }

    [Fact]
    public async Task the_database_itself_refuses_to_tell_an_occasion_twice_or_an_unknown_kind()
    {
        var pool = await orders.OpenPoolAsync();
        await CancelAsync(pool);
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        Task<PostgresException> RefusedAsync(string kind) => Assert.ThrowsAsync<PostgresException>(() =>
            db.ExecuteAsync("insert into notice select pool_id, @kind, occasion, given_at from notice where pool_id = @pool", new { kind, pool }));

        Assert.Equal("notice_pkey", (await RefusedAsync(NoticeKind.PoolCancelled)).ConstraintName);
        Assert.Equal("notice_kind_check", (await RefusedAsync("gossip")).ConstraintName);
    }

    private Task<HttpAnswer> CancelAsync(Guid pool) => orders.Process.PostAsync($"/api/pools/{pool}/cancel", new { reason = "Le marché est relancé" }, orders.Buyer);

    private async Task<(TestOrganisation Business, Guid Commitment)> JoinAsync(Guid pool, int quantity, string? method = null)
    {
        var business = TestOrganisation.New();
        return (business, (await orders.JoinAsync(pool, quantity, method: method, business: business)).Body.GetProperty("id").GetGuid());
    }
}
