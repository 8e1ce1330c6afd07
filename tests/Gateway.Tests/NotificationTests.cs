using System.Net;
using System.Text.Json;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(NotificationFixture))]
public sealed class NotificationTests(NotificationFixture fixture)
{
    private static readonly DateTime Noon = new(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc);

    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task a_notice_is_told_once_to_each_account_it_is_for_however_often_it_is_delivered()
    {
        var (one, other, stranger) = (await fixture.RegisterAsync(), await fixture.RegisterAsync(), await fixture.RegisterAsync());
        var notice = NotificationFixture.Notice("payment-failed", Noon, one.OrganisationId, other.OrganisationId);
        var eventId = Guid.NewGuid();
        Assert.Equal(HttpStatusCode.OK, await Gateway.DeliverAsync(notice, eventId));
        Assert.Equal(HttpStatusCode.OK, await Gateway.DeliverAsync(notice, eventId));
        Assert.Equal(HttpStatusCode.OK, await Gateway.DeliverAsync(notice));

        foreach (var member in new[] { one, other })
        {
            var item = Assert.Single(await ItemsAsync(member));
            var data = item.GetProperty("data");
            Assert.Equal("payment-failed", item.GetProperty("kind").GetString());
            Assert.Equal(Noon, item.GetProperty("givenAt").GetDateTime());
            Assert.Equal(JsonValueKind.Null, item.GetProperty("readAt").ValueKind);
            Assert.Equal(notice.PoolId, data.GetProperty("poolId").GetGuid());
            Assert.Equal(notice.Recipients.Single(r => r.OrganisationId == member.OrganisationId).CommitmentId, data.GetProperty("commitmentId").GetGuid());
            Assert.Equal((123_45L, 29_90L, 7), (data.GetProperty("amountCents").GetInt64(), data.GetProperty("unitPriceCents").GetInt64(), data.GetProperty("missingQuantity").GetInt32()));
            Assert.Equal(notice.Until, data.GetProperty("until").GetDateTime());
            Assert.Equal(1, await UnreadAsync(member));
        }

        Assert.Empty(await ItemsAsync(stranger));
    }

    [Fact]
    public async Task notices_that_arrive_out_of_order_are_listed_newest_first_over_pages()
    {
        var member = await fixture.RegisterAsync();
        foreach (var hour in new[] { 3, 1, 2, 0, 4 })
        {
            await Gateway.DeliverAsync(NotificationFixture.Notice($"kind-{hour}", Noon.AddHours(hour), member.OrganisationId));
        }

        var seen = new List<string?>();
        string? cursor = null;
        do
        {
            var page = (await Gateway.GetAsync($"/api/notifications?limit=2{(cursor is null ? "" : $"&cursor={cursor}")}", member.Token)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("kind").GetString()));
            Assert.Equal(5, page.GetProperty("unreadCount").GetInt64());
            cursor = page.GetProperty("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(["kind-4", "kind-3", "kind-2", "kind-1", "kind-0"], seen);
    }

    [Fact]
    public async Task an_unknown_organisation_and_a_closed_account_are_told_nothing_and_the_others_are()
    {
        var (open, closed) = (await fixture.RegisterAsync(), await fixture.RegisterAsync());
        await fixture.ExecuteAsync("update account set disabled_at = now() where id = @UserId", closed);
        Assert.Equal(HttpStatusCode.OK, await Gateway.DeliverAsync(NotificationFixture.Notice("pool-failed", Noon, Guid.NewGuid(), closed.OrganisationId, open.OrganisationId)));
        Assert.Equal(HttpStatusCode.OK, await Gateway.DeliverAsync(NotificationFixture.Notice("pool-failed", Noon)));
        Assert.Single(await ItemsAsync(open));
        await fixture.ExecuteAsync("update account set disabled_at = null where id = @UserId", closed);
        Assert.Empty(await ItemsAsync(closed));
    }

    [Fact]
    public async Task a_provider_is_told_what_of_its_accreditation_ends()
    {
        var provider = await fixture.RegisterAsync("provider");
        await Gateway.DeliverAsync(new AccreditationNoticeGiven(Guid.NewGuid(), "evidence-expires", provider.OrganisationId, "AGR-2026-0007", "liability-insurance", Noon.AddDays(30), Noon, 1));
        var data = Assert.Single(await ItemsAsync(provider)).GetProperty("data");
        Assert.Equal(("AGR-2026-0007", "liability-insurance", Noon.AddDays(30)), (data.GetProperty("number").GetString(), data.GetProperty("criterion").GetString(), data.GetProperty("until").GetDateTime()));
    }

    [Fact]
    public async Task one_is_marked_as_read_by_its_owner_only_and_keeps_the_first_time()
    {
        var (member, other) = (await fixture.RegisterAsync(), await fixture.RegisterAsync());
        await Gateway.DeliverAsync(NotificationFixture.Notice("pool-confirmed", Noon, member.OrganisationId));
        var id = Assert.Single(await ItemsAsync(member)).GetProperty("id").GetGuid();

        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.PostAsync($"/api/notifications/{id}/read", null, other.Token)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.PostAsync($"/api/notifications/{Guid.NewGuid()}/read", null, member.Token)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.PostAsync($"/api/notifications/{id}/read", null, null)).Status);
        Assert.Equal(1, await UnreadAsync(member));

        var first = await Gateway.PostAsync($"/api/notifications/{id}/read", null, member.Token);
        var again = await Gateway.PostAsync($"/api/notifications/{id}/read", null, member.Token, Guid.NewGuid().ToString());
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.Status, again.Status));
        Assert.Equal(first.Body.GetProperty("readAt").GetDateTime(), again.Body.GetProperty("readAt").GetDateTime());
        Assert.Equal(0, await UnreadAsync(member));
    }

    [Fact]
    public async Task all_are_marked_as_read_but_those_that_came_after_the_list_was_shown()
    {
        var (member, other) = (await fixture.RegisterAsync(), await fixture.RegisterAsync());
        await Gateway.DeliverAsync(NotificationFixture.Notice("pool-confirmed", Noon, member.OrganisationId, other.OrganisationId));
        await Gateway.DeliverAsync(NotificationFixture.Notice("pool-failed", Noon, member.OrganisationId));
        var asOf = (await Gateway.GetAsync("/api/notifications", member.Token)).Body.GetProperty("asOf").GetDateTime();
        await Gateway.DeliverAsync(NotificationFixture.Notice("pool-cancelled", Noon, member.OrganisationId));

        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync("/api/notifications/read", new { asOf }, member.Token)).Status);
        Assert.Equal(1, await UnreadAsync(member));
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.PostAsync("/api/notifications/read", "{\"asOf\":\"hier\"}", member.Token)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync("/api/notifications/read", null, member.Token)).Status);
        Assert.Equal((0, 1), (await UnreadAsync(member), await UnreadAsync(other)));
    }

    [Theory]
    [InlineData("?limit=0")]
    [InlineData("?cursor=x")]
    [InlineData("?cursor=WyJhIl0")]
    [InlineData("?cursor=WyJhIiwiYiJd")]
    public async Task a_bad_page_is_refused(string query) =>
        Assert.Equal("invalid-input", (await Gateway.GetAsync($"/api/notifications{query}", (await fixture.RegisterAsync()).Token)).Problem);

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"byEmail\":\"oui\"}")]
    [InlineData("{\"byEmail\":true,\"language\":\"de\"}")]
    public async Task a_bad_preference_is_refused_and_changes_nothing(string body)
    {
        var member = await fixture.RegisterAsync(language: "en");
        Assert.Equal("invalid-input", (await Gateway.SendAsync(HttpMethod.Put, "/api/notifications/preferences", body, member.Token)).Problem);
        var preferences = (await Gateway.GetAsync("/api/notifications/preferences", member.Token)).Body;
        Assert.Equal((true, "en", member.Email, true), (preferences.GetProperty("byEmail").GetBoolean(), preferences.GetProperty("language").GetString(), preferences.GetProperty("email").GetString(), preferences.GetProperty("emailIsSent").GetBoolean()));
    }

    [Fact]
    public async Task after_twelve_months_it_is_forgotten()
    {
        var database = await fixture.NewDatabaseAsync();
        Member member;
        await using (var gateway = await fixture.StartAsync([], database))
        {
            member = await NotificationFixture.RegisterAsync(gateway);
            await gateway.DeliverAsync(NotificationFixture.Notice("pool-failed", Noon, member.OrganisationId));
            await gateway.DeliverAsync(NotificationFixture.Notice("pool-confirmed", Noon, member.OrganisationId));
        }

        await using var db = new Npgsql.NpgsqlConnection(database);
        await Dapper.SqlMapper.ExecuteAsync(db, "update notification set created_at = now() - interval '367 days' where kind = 'pool-failed'");
        await using var later = await fixture.StartAsync([], database);
        var left = new List<string>();
        for (var i = 0; i < 100 && left.Count != 1; i++)
        {
            await Task.Delay(50);
            left = [.. await Dapper.SqlMapper.QueryAsync<string>(db, "select kind from notification")];
        }

        Assert.Equal(["pool-confirmed"], left);
    }

    private async Task<List<JsonElement>> ItemsAsync(Member member) =>
        [.. (await Gateway.GetAsync("/api/notifications", member.Token)).Body.GetProperty("items").EnumerateArray()];

    private async Task<long> UnreadAsync(Member member) => (await Gateway.GetAsync("/api/notifications/unread", member.Token)).Body.GetProperty("count").GetInt64();
}
