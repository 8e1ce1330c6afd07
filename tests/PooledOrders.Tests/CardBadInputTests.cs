using System.Net;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Who may see the card reconciliation, and what it refuses.</summary>
public sealed class CardBadInputTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    private const string Path = FinanceDesk.Path;
    private readonly FinanceDesk desk = new(orders);

    [Theory]
    [InlineData("", Roles.Business)]
    [InlineData("", Roles.Provider)]
    [InlineData("", Roles.Buyer)]
    [InlineData("", Roles.Admin)]
    [InlineData("/exceptions", Roles.Buyer)]
    [InlineData("/export", Roles.Assessor)]
    public async Task only_finance_reads_it(string path, string role)
    {
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.GetAsync(Path + path, orders.Process.Identity.Token(Guid.CreateVersion7(), TestOrganisation.New(), role))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await orders.Process.GetAsync(Path + path)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.PostAsync(Path + "/refresh", null, orders.Buyer)).Status);
    }

    [Theory]
    [InlineData("?poolId=x", 400)]
    [InlineData("?poolId=0198f2a0-0000-7000-8000-000000000000", 404)]
    [InlineData("?from=yesterday", 400)]
    [InlineData("?from=2026-02-30", 400)]
    [InlineData("?to=0001-01-01", 400)]
    [InlineData("?from=2026-02-02&to=2026-02-02", 400)]
    [InlineData("?from=2026-02-02%00", 400)]
    [InlineData("/export?culture=de", 400)]
    [InlineData("/export?to=9999999999", 400)]
    [InlineData("/lines?cursor=x", 400)]
    [InlineData("/lines?cursor=WyJ4Il0", 400)]
    [InlineData("/lines?cursor=WyJ4IiwieSJd", 400)]
    [InlineData("/lines?limit=x", 400)]
    [InlineData("/exceptions?status=bogus", 400)]
    [InlineData("/exceptions?limit=0", 400)]
    [InlineData("/exceptions?cursor=x", 400)]
    [InlineData("/exceptions?poolId=7", 400)]
    [InlineData("/exceptions/0198f2a0-0000-7000-8000-000000000000", 404)]
    [InlineData("/exceptions/0198f2a0-0000-7000-8000-000000000000/history", 404)]
    [InlineData("/exceptions/x", 404)]
    public async Task bad_queries_are_refused(string query, int status) => Assert.Equal(status, (int)(await orders.Process.GetAsync(Path + query, desk.Token)).Status);

    [Theory]
    [InlineData("null", 400)]
    [InlineData("{", 400)]
    [InlineData("{}", 400)]
    [InlineData("{\"resolution\":7,\"reason\":\"r\"}", 400)]
    [InlineData("{\"resolution\":\"a\\u0000\",\"reason\":\"r\"}", 400)]
    [InlineData("{\"resolution\":\"r\",\"reason\":\"\"}", 400)]
    [InlineData("{\"resolution\":\"r\",\"reason\":\"r\"}", 404)]
    public async Task bad_resolutions_are_refused(string body, int status) =>
        Assert.Equal(status, (int)(await orders.Process.PostAsync($"{Path}/exceptions/0198f2a0-0000-7000-8000-000000000000/resolve", body, desk.Token)).Status);
}
