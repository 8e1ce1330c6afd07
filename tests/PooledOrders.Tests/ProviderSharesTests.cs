using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.PooledOrders.Tests;

/// <summary>What providers are owed by businesses, paid so far and due, with ageing.</summary>
public sealed class ProviderSharesTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    private const string Path = "/api/pools/provider-shares";

    [Fact]
    public async Task a_share_is_collected_or_due_and_what_defaults_is_owed_no_more()
    {
        var (pack, provider, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 2);
        var paid = (await orders.JoinAsync(pool, 10, method: "pm_card_visa")).Body.GetProperty("id").GetGuid();
        var failed = (await orders.JoinAsync(pool, 5)).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        await orders.EventuallyAsync(paid, "paid");
        await orders.EventuallyAsync(failed, "payment-failed");
        var own = orders.Process.Identity.Provider(provider);

        var share = Assert.Single((await ReadAsync(own)).GetProperty("items").EnumerateArray());
        Assert.Equal((pool, 2), (share.GetProperty("poolId").GetGuid(), share.GetProperty("commitmentCount").GetInt64()));
        Assert.Equal((432_000, 0, 432_000), (Cents(share, "invoiced"), Cents(share, "aid"), Cents(share, "owed")));
        Assert.Equal((288_000, 0, 0, 144_000), (Cents(share, "collected"), Cents(share, "refunded"), Cents(share, "toRefund"), Cents(share, "due")));
        Assert.Equal(144_000, Cents(share.GetProperty("ageing"), "days0To30"));

        await orders.AdvanceAsync(TimeSpan.FromDays(8));
        var page = await ReadAsync(own);
        Assert.Equal((288_000, 0), (Cents(page.GetProperty("totals"), "owed"), Cents(page.GetProperty("totals"), "due")));
        Assert.Equal(288_000, Cents((await ReadAsync(orders.Buyer, $"?poolId={pool}")).GetProperty("totals"), "collected"));
    }

    [Fact]
    public async Task a_short_delivery_is_refunded_and_what_it_left_open_ages_from_the_acceptance()
    {
        var programme = Guid.CreateVersion7();
        var pool = await PaidPool.CreateAsync(orders, [20, 20], aid: [new(programme, "Région", 400_000, [])]);
        await pool.SettleAsync(0, 13, [new(programme, "Région", 260_000, [])]);
        await pool.EventuallyRefundAsync(0, "succeeded");
        await pool.SettleAsync(1, 19, [new(programme, "Région", 0, ["below-minimum-spend"])]);

        // 20 at 210.00 and VAT are 5 040.00, less 4 000.00 of aid: 1 040.00 each. 13 come to 676.00, 19 without aid to 4 788.00.
        var totals = (await ReadAsync(pool.ProviderToken)).GetProperty("totals");
        Assert.Equal((0, 0), (Cents(totals, "toRefund"), Cents(totals, "owed") - Cents(totals, "collected") + Cents(totals, "refunded") - Cents(totals, "due")));
        Assert.Equal(Cents(totals, "invoiced"), Cents(totals, "owed") + Cents(totals, "aid"));
        Assert.Equal((260_000, 2 * 104_000, 104_000 - 67_600, 478_800 - 104_000), (Cents(totals, "aid"), Cents(totals, "collected"), Cents(totals, "refunded"), Cents(totals, "due")));

        foreach (var (days, bucket) in new[] { (0, "days0To30"), (30, "days0To30"), (1, "days31To60"), (29, "days31To60"), (1, "days61To90"), (29, "days61To90"), (1, "daysOver90") })
        {
            await orders.AdvanceAsync(TimeSpan.FromDays(days));
            var ageing = (await ReadAsync(orders.Process.Identity.Provider(pool.Provider))).GetProperty("totals").GetProperty("ageing");
            Assert.Equal(374_800, Cents(ageing, bucket));
            Assert.Equal(374_800, ageing.EnumerateObject().Sum(p => p.Value.GetInt64()));
        }
    }

    [Fact]
    public async Task a_provider_sees_its_own_share_only()
    {
        var (_, provider, _) = await orders.ListedPackAsync();
        var own = orders.Process.Identity.Provider(provider);

        Assert.Equal(HttpStatusCode.OK, (await orders.Process.GetAsync($"{Path}?providerId={provider.Id}", own)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.GetAsync($"{Path}?providerId={Guid.NewGuid()}", own)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await orders.Process.GetAsync($"{Path}/export?providerId={Guid.NewGuid()}", own)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.GetAsync(Path, orders.Process.Identity.Business(TestOrganisation.New()))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.GetAsync($"{Path}/export", orders.Process.Identity.Staff(Roles.Assessor))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await orders.Process.GetAsync(Path)).Status);
    }

    [Theory]
    [InlineData("?providerId=x")]
    [InlineData("?poolId=7")]
    [InlineData("?limit=201")]
    [InlineData("?cursor=x")]
    [InlineData("/export?culture=xx")]
    public async Task bad_queries_are_refused(string query) => Assert.Equal(HttpStatusCode.BadRequest, (await orders.Process.GetAsync(Path + query, orders.Buyer)).Status);

    [Fact]
    public async Task the_file_has_one_row_per_pool()
    {
        var (pack, provider, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 2);
        await orders.JoinAsync(pool, 10);
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);

        using var request = new HttpRequestMessage(HttpMethod.Get, $"{Path}/export?culture=fr&poolId={pool}") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", orders.Process.Identity.Provider(provider)) } };
        using var response = await orders.Process.Http.SendAsync(request);
        var rows = (await response.Content.ReadAsStringAsync()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(2, rows.Length);
        Assert.EndsWith(";1;2880,00;0,00;2880,00;0,00;0,00;0,00;2880,00;2880,00;0,00;0,00;0,00", rows[1], StringComparison.Ordinal);
    }

    private async Task<JsonElement> ReadAsync(string token, string query = "")
    {
        var answer = await orders.Process.GetAsync(Path + query, token);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body + orders.Process.Output);
        return answer.Body;
    }

    private static long Cents(JsonElement body, string name) => body.GetProperty(name + "Cents").GetInt64();
}
