using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class ForwardingTests(GatewayFixture fixture)
{
    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task method_path_query_body_and_answer_pass_unchanged_over_http_1_1()
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, "/api/catalog/packs/caf%C3%A9%2F1/?q=a%20b&x=%C3%A9") { Content = new StringContent("{\"a\":1}", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "not-looked-at-here");
        request.Headers.Add("Idempotency-Key", "k-1");
        request.Headers.TryAddWithoutValidation("If-Match", "\"3\"");
        using var response = await Gateway.Http.SendAsync(request);
        var seen = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal("\"7\"", response.Headers.ETag?.ToString());
        Assert.Equal("PATCH", seen.GetProperty("method").GetString());
        Assert.Equal("/api/catalog/packs/caf%C3%A9%2F1/", seen.GetProperty("path").GetString());
        Assert.Equal("?q=a%20b&x=%C3%A9", seen.GetProperty("query").GetString());
        Assert.Equal(7, seen.GetProperty("size").GetInt32());
        Assert.Equal("HTTP/1.1", seen.GetProperty("protocol").GetString());
        var headers = seen.GetProperty("headers");
        Assert.Equal("Bearer not-looked-at-here", headers.GetProperty("authorization").GetString());
        Assert.Equal("k-1", headers.GetProperty("idempotency-key").GetString());
        Assert.Equal("\"3\"", headers.GetProperty("if-match").GetString());
    }

    [Theory]
    [InlineData("dapr-api-token", ServiceProcess.AppToken)]
    [InlineData("X-Forwarded-For", "10.1.2.3")]
    [InlineData("X-Forwarded-Host", "elsewhere")]
    [InlineData("X-Forwarded-Proto", "https")]
    [InlineData("Forwarded", "for=10.1.2.3")]
    public async Task what_a_client_must_not_claim_is_taken_out(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/catalog/packs");
        request.Headers.TryAddWithoutValidation(header, value);
        using var response = await Gateway.Http.SendAsync(request);
        var seen = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        Assert.False(seen.GetProperty("headers").TryGetProperty(header.ToLowerInvariant(), out _));
    }

    [Fact]
    public async Task a_header_beyond_ascii_is_forwarded_as_it_came()
    {
        var answer = await RawAsync("GET /api/catalog/packs HTTP/1.1\r\nHost: x\r\nIdempotency-Key: clé\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 201", answer, StringComparison.Ordinal);
        Assert.Contains("\"clé\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/internal/x")]
    [InlineData("/events/catalog.pack-listed.v1")]
    [InlineData("/dapr/subscribe")]
    [InlineData("/local/clock")]
    [InlineData("/openapi.json")]
    [InlineData("/api/catalogue")]
    [InlineData("/api/openapi/other.json")]
    [InlineData("/api/webhooks/other")]
    [InlineData("/api/catalog/../../local/clock")]
    [InlineData("/api/catalog/%2e%2e/%2e%2e/local/clock")]
    public async Task what_services_keep_to_themselves_is_not_reached(string path)
    {
        var before = fixture.Upstream.Requests;
        var answer = await RawAsync($"POST {path} HTTP/1.1\r\nHost: x\r\ndapr-api-token: {ServiceProcess.AppToken}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 404", answer, StringComparison.Ordinal);
        Assert.Contains("urn:marketplace:problem:not-found", answer, StringComparison.Ordinal);
        Assert.Equal(before, fixture.Upstream.Requests);
    }

    [Fact]
    public async Task an_encoded_climb_stays_one_segment()
    {
        var answer = await RawAsync("GET /api/catalog/..%2F..%2Flocal%2Fclock HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        Assert.Contains("\"path\":\"/api/catalog/..%2F..%2Flocal%2Fclock\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/api/catalog/packs", (1 << 20) + 1, false, 413)]
    [InlineData("POST", "/api/catalog/packs", (1 << 20) + 1, true, 413)]
    [InlineData("POST", "/api/catalog/packs", 1 << 20, false, 201)]
    [InlineData("PUT", "/api/accreditation/applications/1/evidence/kbis?expiresOn=2027-01-01", 10 << 20, false, 201)]
    [InlineData("PUT", "/api/accreditation/applications/1/evidence/kbis?expiresOn=2027-01-01", 10 << 20, true, 201)]
    [InlineData("PUT", "/api/accreditation/applications/1/evidence/kbis", 11 << 20, false, 413)]
    [InlineData("PUT", "/api/accreditation/applications/1/evidence/kbis", 11 << 20, true, 413)]
    [InlineData("PUT", "/api/accreditation/applications/1", (1 << 20) + 1, false, 413)]
    [InlineData("POST", "/api/subsidies/bank-statements", 90 << 20, false, 201)]
    [InlineData("POST", "/api/subsidies/bank-statements", 90 << 20, true, 201)]
    [InlineData("POST", "/api/subsidies/bank-statements/", 2 << 20, false, 201)]
    [InlineData("POST", "/api/subsidies/bank-statements", (256 << 20) + 1, false, 413)]
    [InlineData("PUT", "/api/subsidies/bank-statements", (1 << 20) + 1, false, 413)]
    [InlineData("POST", "/api/subsidies/bank-statements/1", (1 << 20) + 1, false, 413)]
    [InlineData("POST", "/api/subsidies/payment-runs", (1 << 20) + 1, false, 413)]
    public async Task bodies_have_their_limits(string method, string path, int size, bool chunked, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path) { Content = new ByteArrayContent(new byte[size]) };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal(status, (int)response.StatusCode);
        var body = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        if (status == 413)
        {
            Assert.Equal("urn:marketplace:problem:too-large", body.GetProperty("type").GetString());
        }
        else
        {
            Assert.Equal(size, body.GetProperty("size").GetInt32());
        }
    }

    [Fact]
    public async Task server_sent_events_arrive_as_they_are_sent()
    {
        using var response = await Gateway.Http.GetAsync("/api/catalog/stream", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal("event: pool", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal("data: 1", await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(5)));
        fixture.Upstream.SecondEvent.SetResult();
        Assert.Contains("data: 2", await reader.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_service_that_is_away_is_a_503_problem()
    {
        var upstream = await Upstream.StartAsync();
        await using var gateway = await fixture.StartAsync(new() { ["Services__Subsidies"] = upstream.Address });
        Assert.Equal(HttpStatusCode.Created, (await gateway.GetAsync("/api/subsidies/programmes")).Status);
        await upstream.DisposeAsync();
        foreach (var path in new[] { "/api/subsidies/programmes", "/api/pools" })
        {
            var answer = await gateway.PostAsync(path, new { }, null);
            Assert.Equal((HttpStatusCode.ServiceUnavailable, "service-unavailable"), (answer.Status, answer.Problem));
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task instances_share_the_work_and_one_that_is_away_is_left_out()
    {
        var (first, second) = (await Upstream.StartAsync(), await Upstream.StartAsync());
        await using var gateway = await fixture.StartAsync(new() { ["Services__PooledOrders"] = $"{first.Address}, {second.Address}" });
        await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => gateway.GetAsync("/api/pools")));
        Assert.InRange(first.Requests, 10, 50);
        Assert.Equal(60, first.Requests + second.Requests);

        await first.DisposeAsync();
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 60; i++)
        {
            answers.Add((await gateway.GetAsync("/api/commitments")).Status);
        }

        Assert.All(answers.TakeLast(10), status => Assert.Equal(HttpStatusCode.Created, status));
        await second.DisposeAsync();
    }

    [Theory]
    [InlineData("/api/catalog/packs")]
    [InlineData("/api/auth/me")]
    [InlineData("/nothing")]
    [InlineData("/")]
    public async Task every_answer_carries_the_security_headers_and_no_server(string path)
    {
        var headers = (await Gateway.Http.GetAsync(path)).Headers;
        Assert.Equal(["nosniff"], headers.GetValues("X-Content-Type-Options"));
        Assert.Equal(["DENY"], headers.GetValues("X-Frame-Options"));
        Assert.Equal(["no-referrer"], headers.GetValues("Referrer-Policy"));
        Assert.Contains("frame-ancestors 'none'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Empty(headers.Server);
    }

    private async Task<string> RawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Gateway.Http.BaseAddress!.Host, Gateway.Http.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request));
        return await new StreamReader(stream, Encoding.UTF8).ReadToEndAsync();
    }
}
