using System.Net;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class LocalClockTests(GatewayFixture fixture)
{
    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task the_clock_moves_and_every_follower_is_told_before_the_answer()
    {
        fixture.Upstream.ClockCalls.Clear();
        var before = await AdvanceAsync("PT1S");
        var after = await AdvanceAsync("P8D");
        Assert.InRange(after - before, TimeSpan.FromDays(8), TimeSpan.FromDays(8) + TimeSpan.FromSeconds(20));
        Assert.Equal([("/local/clock", ServiceProcess.AppToken), ("/local/clock", ServiceProcess.AppToken)], fixture.Upstream.ClockCalls.Select(c => (c.Path, c.Token!)));
    }

    [Fact]
    public async Task moves_at_the_same_time_add_up()
    {
        var before = await AdvanceAsync("PT1S");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => AdvanceAsync("PT1H")));
        Assert.InRange(await AdvanceAsync("PT1S") - before, TimeSpan.FromHours(8), TimeSpan.FromHours(8.1));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("8 days")]
    [InlineData("P0D")]
    [InlineData("-P8D")]
    [InlineData("P")]
    [InlineData("P11Y")]
    [InlineData("P99999999999999999999D")]
    public async Task only_a_way_forward_of_at_most_ten_years_is_taken(string? advance)
    {
        var before = await AdvanceAsync("PT1S");
        var answer = await Gateway.PostAsync("/api/local/clock", new { advance }, Gateway.Identity.Staff("admin"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty("advance", out _));
        Assert.InRange(await AdvanceAsync("PT1S") - before, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task only_the_administrator_moves_it()
    {
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.PostAsync("/api/local/clock", new { advance = "P1D" }, null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Gateway.PostAsync("/api/local/clock", new { advance = "P1D" }, Gateway.Identity.Staff("buyer"))).Status);
    }

    [Fact]
    public async Task a_follower_that_fails_is_named()
    {
        fixture.Upstream.ClockFails = true;
        try
        {
            var answer = await Gateway.PostAsync("/api/local/clock", new { advance = "PT1S" }, Gateway.Identity.Staff("admin"));
            Assert.Equal((HttpStatusCode.BadGateway, "clock-not-followed"), (answer.Status, answer.Problem));
            Assert.Contains(fixture.Upstream.Address, answer.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            fixture.Upstream.ClockFails = false;
        }
    }

    [Fact]
    public async Task it_does_not_exist_where_it_is_not_switched_on()
    {
        await using var gateway = await fixture.StartAsync(new() { ["LocalClock__File"] = "" });
        Assert.Equal(HttpStatusCode.NotFound, (await gateway.PostAsync("/api/local/clock", new { advance = "P1D" }, gateway.Identity.Staff("admin"))).Status);
    }

    private async Task<DateTime> AdvanceAsync(string duration)
    {
        var answer = await Gateway.PostAsync("/api/local/clock", new { advance = duration }, Gateway.Identity.Staff("admin"));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        return answer.Body.GetProperty("now").GetDateTime();
    }
}
