using System.Net;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.PooledOrders.Tests;

public sealed class JoiningTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    [Fact]
    public async Task a_business_joins_and_is_pending_until_aid_is_reserved()
    {
        var pool = await orders.OpenPoolAsync();

        var joined = await orders.JoinAsync(pool, 12, 3);

        Assert.Equal(HttpStatusCode.Created, joined.Status);
        Assert.Equal("pending", joined.Body.GetProperty("status").GetString());
        var id = joined.Body.GetProperty("id").GetGuid();
        var placed = Assert.Single(await orders.Process.FactsAsync<CommitmentPlaced>(id));
        Assert.Equal(15 * 24_000, placed.ReservableNetCents);
        await orders.ReserveAsync(id, pool);
        await orders.EventuallyAsync(id, "committed");
        var view = await orders.PoolAsync(pool);
        Assert.Equal((12, 3, 1, 24_000), (view.GetProperty("committedQuantity").GetInt32(), view.GetProperty("toleranceQuantity").GetInt32(), view.GetProperty("commitmentCount").GetInt32(), view.GetProperty("currentUnitPriceCents").GetInt32()));
        Assert.Equal(8, view.GetProperty("nextTier").GetProperty("missing").GetInt32());
    }

    [Fact]
    public async Task the_same_key_and_body_again_answers_the_first_answer()
    {
        var pool = await orders.OpenPoolAsync();
        var business = TestOrganisation.New();
        var token = orders.Process.Identity.Business(business);
        var first = await orders.Process.PostAsync($"/api/pools/{pool}/commitments", new { quantity = 2 }, token, "key-1");

        var again = await orders.Process.PostAsync($"/api/pools/{pool}/commitments", new { quantity = 2 }, token, "key-1");
        var other = await orders.Process.PostAsync($"/api/pools/{pool}/commitments", new { quantity = 3 }, token, "key-1");

        Assert.Equal(first.Body.ToString(), again.Body.ToString());
        Assert.Equal("true", again.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (other.Status, other.Problem));
        Assert.Equal(2, (await orders.PoolAsync(pool)).GetProperty("committedQuantity").GetInt32());
    }

    [Fact]
    public async Task a_second_commitment_of_the_same_business_is_refused()
    {
        var pool = await orders.OpenPoolAsync();
        var business = TestOrganisation.New();
        await orders.JoinAsync(pool, business: business);

        Assert.Equal("already-committed", (await orders.JoinAsync(pool, business: business)).Problem);
    }

    [Fact]
    public async Task a_business_outside_the_territory_cannot_join() =>
        Assert.Equal("outside-territory", (await orders.JoinAsync(await orders.OpenPoolAsync(), business: TestOrganisation.New("75"))).Problem);

    [Fact]
    public async Task a_limit_below_every_tier_is_out_of_reach()
    {
        var answer = await orders.JoinAsync(await orders.OpenPoolAsync(), limit: 17_999);

        Assert.Equal((HttpStatusCode.UnprocessableEntity, "price-limit-out-of-reach"), (answer.Status, answer.Problem));
    }

    [Fact]
    public async Task more_than_the_pool_holds_is_refused_with_what_is_left()
    {
        var pool = await orders.OpenPoolAsync(max: 50);
        await orders.JoinAsync(pool, 40, 5);

        var answer = await orders.JoinAsync(pool, 5, 1);

        Assert.Equal((HttpStatusCode.Conflict, "capacity-exceeded", 5), (answer.Status, answer.Problem, answer.Body.GetProperty("available").GetInt32()));
    }

    [Fact]
    public async Task a_join_without_a_key_is_refused()
    {
        var answer = await orders.Process.PostAsync($"/api/pools/{await orders.OpenPoolAsync()}/commitments", new { quantity = 1 }, orders.Process.Identity.Business(TestOrganisation.New()));

        Assert.Equal((HttpStatusCode.BadRequest, "idempotency-key-required"), (answer.Status, answer.Problem));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task two_hundred_joins_at_once_sell_fifty_places_and_no_more(int instances)
    {
        var pool = await orders.OpenPoolAsync(max: 50);
        var targets = instances == 1 ? [orders.Process] : new[] { orders.Process, await orders.SecondInstanceAsync() };

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => orders.JoinAsync(pool, instance: targets[i % instances])));

        Assert.Equal(50, answers.Count(a => a.Status == HttpStatusCode.Created));
        Assert.All(answers.Where(a => a.Status != HttpStatusCode.Created), a => Assert.Equal((HttpStatusCode.Conflict, "capacity-exceeded"), (a.Status, a.Problem)));
        Assert.Equal(50, answers.Where(a => a.Status == HttpStatusCode.Created).Select(a => a.Body.GetProperty("id").GetGuid()).Distinct().Count());
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        Assert.Equal(50, await db.ExecuteScalarAsync<int>("select count(*)::int from commitment where pool_id = @pool", new { pool }));
        Assert.Equal(50, (await orders.PoolAsync(pool)).GetProperty("committedQuantity").GetInt32());
    }

    [Fact]
    public async Task one_business_pressing_twenty_times_at_once_joins_once()
    {
        var pool = await orders.OpenPoolAsync();
        var business = TestOrganisation.New();
        var token = orders.Process.Identity.Business(business);
        var second = await orders.SecondInstanceAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? orders.Process : second).PostAsync($"/api/pools/{pool}/commitments", new { quantity = 1 }, token, "same-key")));

        Assert.All(answers, a => Assert.Equal(HttpStatusCode.Created, a.Status));
        Assert.Single(answers.Select(a => a.Body.GetProperty("id").GetGuid()).Distinct());
        Assert.Equal(1, (await orders.PoolAsync(pool)).GetProperty("commitmentCount").GetInt32());
    }

    [Fact]
    public async Task amending_and_withdrawing_move_the_pool_and_the_placement()
    {
        var pool = await orders.OpenPoolAsync(max: 50);
        var business = TestOrganisation.New();
        var token = orders.Process.Identity.Business(business);
        var id = (await orders.JoinAsync(pool, 10, 2, 21_000, business: business)).Body.GetProperty("id").GetGuid();

        var amended = await orders.Process.SendAsync(HttpMethod.Patch, $"/api/commitments/{id}", new { quantity = 20, priceLimitCents = (long?)null }, token);
        var stale = await orders.Process.SendAsync(HttpMethod.Patch, $"/api/commitments/{id}", new { quantity = 21 }, token, ifMatch: "\"1\"");
        var tooMany = await orders.Process.SendAsync(HttpMethod.Patch, $"/api/commitments/{id}", new { quantity = 49 }, token);

        Assert.Equal((20, 2), (amended.Body.GetProperty("quantity").GetInt32(), amended.Body.GetProperty("tolerance").GetInt32()));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, amended.Body.GetProperty("priceLimitCents").ValueKind);
        Assert.Equal(HttpStatusCode.PreconditionFailed, stale.Status);
        Assert.Equal("capacity-exceeded", tooMany.Problem);
        Assert.Equal(22 * 24_000, (await orders.Process.FactsAsync<CommitmentPlaced>(id))[^1].ReservableNetCents);

        var withdrawn = await orders.Process.PostAsync($"/api/commitments/{id}/withdraw", null, token);
        var again = await orders.Process.PostAsync($"/api/commitments/{id}/withdraw", null, token);

        Assert.Equal(("withdrawn", HttpStatusCode.OK), (withdrawn.Body.GetProperty("status").GetString(), again.Status));
        Assert.Equal(0, (await orders.PoolAsync(pool)).GetProperty("committedQuantity").GetInt32());
        Assert.Single(await orders.Process.FactsAsync<CommitmentEnded>(id));
        Assert.Equal(HttpStatusCode.Created, (await orders.JoinAsync(pool, business: business)).Status);
    }

    [Fact]
    public async Task nobody_sees_or_changes_another_business_s_commitment()
    {
        var pool = await orders.OpenPoolAsync();
        var id = (await orders.JoinAsync(pool)).Body.GetProperty("id").GetGuid();
        var stranger = orders.Process.Identity.Business(TestOrganisation.New());

        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.GetAsync($"/api/commitments/{id}", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.GetAsync($"/api/commitments/{id}/history", stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.PostAsync($"/api/commitments/{id}/withdraw", null, stranger)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.SendAsync(HttpMethod.Patch, $"/api/commitments/{id}", new { quantity = 2 }, stranger)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await orders.Process.GetAsync($"/api/commitments/{id}")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.GetAsync($"/api/pools/{pool}/commitments", stranger)).Status);
    }

    [Fact]
    public async Task aid_facts_twice_and_out_of_order_leave_the_newest()
    {
        var pool = await orders.OpenPoolAsync();
        var id = (await orders.JoinAsync(pool)).Body.GetProperty("id").GetGuid();
        var programme = Guid.CreateVersion7();
        var newest = new Marketplace.Events.Subsidies.AidPart(programme, "Ville", 700, []);

        await orders.ReserveAsync(id, pool, version: 2, parts: newest);
        await orders.ReserveAsync(id, pool, version: 1, parts: newest with { AmountCents = 300 });
        await orders.ReserveAsync(id, pool, version: 2, parts: newest);

        var body = await orders.EventuallyAsync(id, "committed");
        Assert.Equal(700, body.GetProperty("aidCents").GetInt64());
    }
}
