using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Somebody in finance before the card reconciliation, with the payment provider and the database at hand.</summary>
internal sealed class FinanceDesk(PooledOrdersService orders)
{
    public const string Path = "/api/pools/card-reconciliation";

    public string Token { get; } = orders.Process.Identity.Staff(Roles.Finance);

    public async Task<(Guid Pool, Guid Commitment, string Intent)> PaidAsync(string method = "pm_card_visa", TestOrganisation? business = null)
    {
        var (pool, commitment) = await DueAsync(method, "paid", business);
        return (pool, commitment, (await orders.CommitmentAsync(commitment)).GetProperty("payment").GetProperty("reference").GetString()!);
    }

    public async Task<(Guid Pool, Guid Commitment)> DueAsync(string? method, string status, TestOrganisation? business = null)
    {
        var pool = await orders.OpenPoolAsync(days: 2);
        var id = (await orders.JoinAsync(pool, 10, method: method, business: business)).Body.GetProperty("id").GetGuid();
        await orders.AdvancePastAsync(pool);
        await orders.GrantAllAsync(pool);
        await orders.EventuallyAsync(id, status);
        return (pool, id);
    }

    public async Task RefreshAsync()
    {
        var answer = await orders.Process.PostAsync($"{Path}/refresh", null, Token);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body + orders.Process.Output);
    }

    public async Task<JsonElement> ReadAsync(Guid pool, string more = "")
    {
        var answer = await orders.Process.GetAsync($"{Path}?poolId={pool}{more}", Token);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body + orders.Process.Output);
        return answer.Body;
    }

    public async Task<JsonElement> StripeAsync(string path, string? form = null)
    {
        using var request = new HttpRequestMessage(form is null ? HttpMethod.Get : HttpMethod.Post, path) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "sk_test_of_the_test") } };
        request.Content = form is null ? null : new StringContent(form, new MediaTypeHeaderValue("application/x-www-form-urlencoded"));
        using var response = await orders.Simulator.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, text);
        return JsonSerializer.Deserialize<JsonElement>(text);
    }

    public async Task ExecuteAsync(string sql, object? parameters = null)
    {
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        await db.ExecuteAsync(sql, parameters);
    }

    public async Task<long> ScalarAsync(string sql)
    {
        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        return await db.ExecuteScalarAsync<long>(sql);
    }

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; !await holds(); i++)
        {
            Assert.True(i < 200, "It did not happen within ten seconds.");
            await Task.Delay(50);
        }
    }

    public static long Cents(JsonElement body, string name) => body.GetProperty(name + "Cents").GetInt64();

    public static (long Count, long Cents) CountAndCents(JsonElement body, string name) =>
        (body.GetProperty(name).GetProperty("count").GetInt64(), body.GetProperty(name).GetProperty("cents").GetInt64());
}
