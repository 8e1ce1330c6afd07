using System.Net;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class LimitTests(GatewayFixture fixture)
{
    [Fact]
    public async Task a_flood_of_sign_ins_from_one_address_is_refused_while_reading_goes_on()
    {
        await using var gateway = await fixture.StartAsync([]);
        var answers = await FloodAsync(gateway, 1200, () => gateway.PostAsync("/api/auth/token", "{}", null));
        Assert.InRange(answers.Count(a => a.Status == HttpStatusCode.BadRequest), 600, 1100);
        var refused = answers.First(a => a.Status == HttpStatusCode.TooManyRequests);
        Assert.Equal("too-many-requests", refused.Problem);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await gateway.GetAsync("/health/live")).Status);
    }

    [Fact]
    public async Task one_callers_flood_leaves_other_callers_alone()
    {
        await using var gateway = await fixture.StartAsync(new() { ["Services__Catalog"] = fixture.Upstream.Address });
        var answers = await FloodAsync(gateway, 6000, () => gateway.GetAsync("/api/catalog/packs", "one"));
        Assert.Contains(answers, a => a.Status == HttpStatusCode.TooManyRequests);
        Assert.Equal(HttpStatusCode.Created, (await gateway.GetAsync("/api/catalog/packs", "two")).Status);
    }

    [Fact]
    public async Task limits_can_be_switched_off()
    {
        await using var gateway = await fixture.StartAsync(new() { ["RateLimits__Enabled"] = "false" });
        var answers = await FloodAsync(gateway, 1200, () => gateway.PostAsync("/api/auth/token", "{}", null));
        Assert.All(answers, a => Assert.Equal(HttpStatusCode.BadRequest, a.Status));
    }

    private static async Task<List<HttpAnswer>> FloodAsync(ServiceProcess gateway, int count, Func<Task<HttpAnswer>> send)
    {
        var answers = new List<HttpAnswer>(count);
        foreach (var chunk in Enumerable.Range(0, count).Chunk(60))
        {
            answers.AddRange(await Task.WhenAll(chunk.Select(_ => send())));
        }

        return answers;
    }
}
