using System.Net;
using System.Text.Json;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.PooledOrders.Tests;

/// <summary>An awarded pool (DOMAIN §2.1: 21 000 cents a unit from 20 units on) whose businesses have paid.</summary>
internal sealed class PaidPool(PooledOrdersService orders, Guid id, TestOrganisation provider, IReadOnlyList<(TestOrganisation Business, Guid Id)> commitments)
{
    public Guid Id => id;

    public IReadOnlyList<Guid> Commitments => [.. commitments.Select(c => c.Id)];

    public TestOrganisation Provider => provider;

    public string ProviderToken { get; } = orders.Process.Identity.Provider(provider);

    /// <summary>Today in Europe/Paris by the service's clock.</summary>
    public static DateOnly Today(PooledOrdersService orders) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(orders.Now, TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris")));

    /// <summary>A pool whose businesses ordered the quantities, in this order; all granted the same aid, and charged.</summary>
    public static async Task<PaidPool> CreateAsync(PooledOrdersService orders, int[] quantities, string method = "pm_card_visa", AidPart[]? aid = null)
    {
        var (pack, provider, _) = await orders.ListedPackAsync();
        var pool = await orders.OpenPoolAsync(packId: pack, days: 2);
        var joined = new List<(TestOrganisation, Guid)>();
        foreach (var quantity in quantities)
        {
            var business = TestOrganisation.New(name: $"Boulangerie {joined.Count + 1}");
            joined.Add((business, (await orders.JoinAsync(pool, quantity, method: method, business: business)).Body.GetProperty("id").GetGuid()));
        }

        await orders.AdvancePastAsync(pool);
        foreach (var allocation in (await orders.Process.FactsAsync<PoolConfirmed>(pool)).SelectMany(f => f.Allocations))
        {
            await orders.Deliver(new AidGranted(allocation.CommitmentId, pool, allocation.NetCents, aid ?? [], DateTime.UtcNow, 2), bulk: true);
        }

        foreach (var (_, commitment) in joined)
        {
            await orders.EventuallyAsync(commitment, "paid");
        }

        return new PaidPool(orders, pool, provider, joined);
    }

    public Task<HttpAnswer> DeliverAllAsync(int? quantity = null, DateOnly? on = null, string? key = null, string? token = null) =>
        orders.Process.PostAsync($"/api/pools/{id}/delivery", new { quantity, deliveredOn = on ?? Today(orders) }, token ?? ProviderToken, key);

    public Task<HttpAnswer> DeliverAsync(int index, int quantity, DateOnly? on = null, string? token = null, string? ifMatch = null) =>
        orders.Process.SendAsync(HttpMethod.Post, $"/api/commitments/{Commitments[index]}/delivery", new { quantity, deliveredOn = on ?? Today(orders) }, token ?? ProviderToken, ifMatch: ifMatch);

    public Task<HttpAnswer> AcceptAsync(int index, bool accepted = true, string? reason = null, ServiceProcess? instance = null, string? ifMatch = null) =>
        (instance ?? orders.Process).SendAsync(HttpMethod.Post, $"/api/commitments/{Commitments[index]}/acceptance", new { accepted, reason }, orders.Process.Identity.Business(commitments[index].Business), ifMatch: ifMatch);

    /// <summary>Delivers a part, accepts it, and certifies it as the subsidies would; what the commitment is then.</summary>
    public async Task<JsonElement> SettleAsync(int index, int quantity, AidPart[]? aid = null, int version = 3)
    {
        Assert.Equal(HttpStatusCode.OK, (await DeliverAsync(index, quantity)).Status);
        Assert.Equal(HttpStatusCode.OK, (await AcceptAsync(index)).Status);
        await CertifyAsync(index, quantity, aid, version);
        return await orders.CommitmentAsync(Commitments[index]);
    }

    public Task CertifyAsync(int index, int quantity, AidPart[]? aid = null, int version = 3, Guid? eventId = null) =>
        orders.Deliver(new ServiceDoneCertified(Commitments[index], id, quantity, quantity * 21_000L, aid ?? [], DateTime.UtcNow, version), bulk: true, eventId);

    public string Business(int index) => orders.Process.Identity.Business(commitments[index].Business);

    public TestOrganisation Organisation(int index) => commitments[index].Business;

    public Task<HttpAnswer> ReleaseAsync(int index) => orders.Process.PostAsync($"/api/commitments/{Commitments[index]}/release", new { reason = "Cessation d'activité" }, orders.Buyer);

    /// <summary>The refunds that the payment provider holds for a commitment.</summary>
    public async Task<List<JsonElement>> RefundsAsync(int index)
    {
        var intent = (await orders.CommitmentAsync(Commitments[index])).GetProperty("payment").GetProperty("reference").GetString();
        var answer = await orders.Simulator.GetAsync($"/v1/refunds?payment_intent={intent}&limit=100", "sk_test_of_the_test");
        return [.. answer.Body.GetProperty("data").EnumerateArray()];
    }

    /// <summary>Waits until the refund of a commitment has a status; the payment then.</summary>
    public async Task<JsonElement> EventuallyRefundAsync(int index, string status)
    {
        for (var i = 0; ; i++)
        {
            var payment = (await orders.CommitmentAsync(Commitments[index])).GetProperty("payment");
            if (payment.GetProperty("refundStatus").GetString() == status)
            {
                return payment;
            }

            Assert.True(i < 200, $"still {payment}\n{orders.Process.Output}");
            await Task.Delay(50);
        }
    }

    public async Task<List<string>> HistoryAsync(int index) =>
        [.. (await orders.Process.GetAsync($"/api/commitments/{Commitments[index]}/history", orders.Buyer)).Body.EnumerateArray().Select(f => f.GetProperty("type").GetString()!.Split('.')[1])];

    public async Task<string> StatusAsync() => (await orders.PoolAsync(id)).GetProperty("status").GetString()!;
}
