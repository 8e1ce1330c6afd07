using System.Net;
using System.Text;
using System.Text.Json;
using Marketplace.LocalPostgres;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

/// <summary>What the sidecar reaches, nobody else does; and the other way round.</summary>
[Collection(nameof(NotificationFixture))]
public sealed class AppChannelTests(NotificationFixture fixture)
{
    private static readonly string Topic = FactName.Of(typeof(Events.PooledOrders.PoolNoticeGiven));

    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task the_sidecar_is_told_of_both_subscriptions_with_their_dead_letters()
    {
        var answer = await SendAsync(Gateway.AppChannel!, HttpMethod.Get, "/dapr/subscribe");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var topics = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).EnumerateArray().ToList();
        Assert.Equal(["accreditation.accreditation-notice-given.v1", "pooled-orders.pool-notice-given.v1"], topics.Select(t => t.GetProperty("topic").GetString()!).Order());
        Assert.All(topics, t => Assert.Equal("gateway.dead-letter", t.GetProperty("deadLetterTopic").GetString()));
    }

    [Theory]
    [InlineData("wrong")]
    [InlineData(null)]
    public async Task without_the_sidecars_token_nothing_is_told_or_taken(string? token)
    {
        var member = await fixture.RegisterAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Gateway.AppChannel!, HttpMethod.Get, "/dapr/subscribe", token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Gateway.AppChannel!, HttpMethod.Post, $"/events/{Topic}", token, body: CloudEvent(member))).StatusCode);
        Assert.Equal(0, await UnreadAsync(member));
    }

    [Fact]
    public async Task on_the_public_port_they_do_not_exist_whatever_the_host_header_says()
    {
        var member = await fixture.RegisterAsync();
        var channel = Gateway.AppChannel!.Authority;
        foreach (var host in new[] { null, channel, $"localhost:{Gateway.AppChannel.Port}" })
        {
            foreach (var (method, path) in new[] { (HttpMethod.Get, "/dapr/subscribe"), (HttpMethod.Post, "/dapr/subscribe"), (HttpMethod.Post, $"/events/{Topic}"), (HttpMethod.Get, $"/events/{Topic}"), (HttpMethod.Post, $"//events/{Topic}"), (HttpMethod.Post, $"/api/../events/{Topic}") })
            {
                var answer = await SendAsync(Gateway.Http.BaseAddress!, method, path, host: host, body: method == HttpMethod.Post ? CloudEvent(member) : null);
                Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed, $"{method} {path} as {host}: {answer.StatusCode}");
                Assert.DoesNotContain("pool-notice-given", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(0, await UnreadAsync(member));
        Assert.DoesNotContain("/events", (await Gateway.GetAsync("/api/openapi/gateway.json")).Body.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/connexion")]
    [InlineData("POST", "/connexion")]
    [InlineData("GET", "/assets/portal.css")]
    [InlineData("GET", "/api/status")]
    [InlineData("POST", "/api/auth/token")]
    [InlineData("GET", "/api/notifications")]
    [InlineData("GET", "/api/catalog/packs")]
    [InlineData("GET", "/api/openapi/gateway.json")]
    [InlineData("GET", "/health/ready")]
    [InlineData("POST", "/api/local/clock")]
    public async Task the_sidecars_port_serves_nothing_else(string method, string path)
    {
        var answer = await SendAsync(Gateway.AppChannel!, new HttpMethod(method), path, host: Gateway.Http.BaseAddress!.Authority, body: method == "POST" ? "{}" : null);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task what_cannot_be_read_is_answered_so_that_it_is_delivered_again()
    {
        foreach (var body in new[] { "", "[]", "{}", "{\"id\":\"x\",\"data\":{\"recipients\":3}}" })
        {
            Assert.NotInRange((int)(await SendAsync(Gateway.AppChannel!, HttpMethod.Post, $"/events/{Topic}", body: body)).StatusCode, 200, 299);
        }
    }

    [Fact]
    public async Task the_gateway_is_ready_without_its_sidecar_and_says_that_it_is_away()
    {
        var ready = await Gateway.GetAsync("/health/ready");
        Assert.Equal((HttpStatusCode.OK, false), (ready.Status, ready.Body.GetProperty("sidecar").GetBoolean()));
        var own = (await Gateway.GetAsync("/api/status")).Body.GetProperty("gateway");
        Assert.Equal((true, true, false), (own.GetProperty("ready").GetBoolean(), own.GetProperty("database").GetBoolean(), own.GetProperty("sidecar").GetBoolean()));
        Assert.Equal(HttpStatusCode.OK, (await Gateway.Http.GetAsync("/connexion")).StatusCode);
    }

    [Fact]
    public async Task it_listens_beside_addresses_of_the_configuration_and_on_another_host_where_one_is_named()
    {
        await using var gateway = await fixture.StartAsync(new() { ["AppChannel__Host"] = "0.0.0.0" });
        var port = new Uri($"http://127.0.0.1:{PostgresServer.FreePort()}");
        await using var configured = await fixture.StartAsync(new() { ["Kestrel__Endpoints__Web__Url"] = port.ToString(), ["ASPNETCORE_URLS"] = "" }, live: new Uri(port, "/health/live").ToString());
        foreach (var one in new[] { gateway, configured })
        {
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(one.AppChannel!, HttpMethod.Get, "/dapr/subscribe")).StatusCode);
            var address = one == configured ? port : one.Http.BaseAddress!;
            Assert.Equal(HttpStatusCode.NotFound, (await SendAsync(address, HttpMethod.Get, "/dapr/subscribe")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await SendAsync(address, HttpMethod.Get, "/groupements")).StatusCode);
        }
    }

    private static async Task<HttpResponseMessage> SendAsync(Uri address, HttpMethod method, string path, string? token = ServiceProcess.AppToken, string? host = null, string? body = null)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = address };
        using var request = new HttpRequestMessage(method, path.StartsWith("//", StringComparison.Ordinal) ? new Uri(address.GetLeftPart(UriPartial.Authority) + path) : new Uri(address, path));
        request.Headers.Host = host;
        if (token is not null)
        {
            request.Headers.Add("dapr-api-token", token);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        return await http.SendAsync(request);
    }

    private static string CloudEvent(Member member) =>
        JsonSerializer.Serialize(new { id = Guid.NewGuid(), data = NotificationFixture.Notice("pool-failed", DateTime.UtcNow, member.OrganisationId) }, Json.Options);

    private async Task<long> UnreadAsync(Member member) => (await Gateway.GetAsync("/api/notifications/unread", member.Token)).Body.GetProperty("count").GetInt64();
}
