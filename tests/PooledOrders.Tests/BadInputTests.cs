using System.Net;
using System.Text;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.PooledOrders.Tests;

/// <summary>Every field of every endpoint, wrong in every way: the right 4xx problem, no 500, nothing changed.</summary>
public sealed class BadInputTests(PooledOrdersService orders) : IClassFixture<PooledOrdersService>
{
    private static readonly string Huge = new('9', 30);
    private static readonly string Long = $"\"{new string('x', 5_000)}\"";

    public static TheoryData<string, string> WrongPools()
    {
        var data = new TheoryData<string, string>();
        string[] texts = ["null", "7", "true", "[]", "{}", "\"\"", "\"a\\u0000b\"", "\"\\ud800\"", Long];
        string[] numbers = ["null", "\"7\"", "true", "[]", "-1", "0", "1.5", "1e400", Huge];
        string[] instants = ["null", "7", "\"yesterday\"", "\"2026-13-45T00:00:00Z\"", "\"2026-11-22T10:00:00\"", "\"0001-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"2020-01-01T00:00:00Z\""];
        Add("packId", ["null", "7", "\"not-an-id\"", "\"00000000-0000-0000-0000-000000000000\"", "\"0198f2a0-0000-7000-8000-000000000000\""]);
        Add("title", texts);
        Add("closesAt", instants);
        Add("opensAt", ["7", "\"tomorrow\"", "\"2199-01-01T00:00:00Z\""]);
        Add("maxQuantity", numbers);
        Add("maxQuantity", ["9", "100000"]);
        Add("minQuantity", ["\"7\"", "-1", "0", "9", "501", Huge]);
        Add("territories", ["null", "7", "[]", "[null]", "[7]", "[\"75\"]", "[\"62\",\"62\"]", "[\"\"]", "[\"a\\u0000\"]"]);
        Add("programmeIds", ["7", "[7]", "[\"x\"]", "[\"0198f2a0-0000-7000-8000-000000000000\"]"]);
        return data;

        void Add(string field, string[] values)
        {
            foreach (var value in values)
            {
                data.Add(field, value);
            }
        }
    }

    [Theory]
    [MemberData(nameof(WrongPools))]
    public async Task a_wrong_field_of_a_pool_is_refused_by_name(string field, string value)
    {
        var (pack, _, _) = await orders.ListedPackAsync();
        var fields = new Dictionary<string, string>
        {
            ["packId"] = $"\"{pack}\"",
            ["title"] = "\"Antivirus\"",
            ["closesAt"] = $"\"{orders.Now.AddDays(30):yyyy-MM-dd'T'HH:mm:ss'Z'}\"",
            ["maxQuantity"] = "500",
            ["territories"] = "[\"62\"]",
            [field] = value,
        };

        var answer = await orders.Process.PostAsync("/api/pools", "{" + string.Join(",", fields.Select(f => $"\"{f.Key}\":{f.Value}")) + "}", orders.Buyer);

        Assert.True(answer.Status == HttpStatusCode.BadRequest, $"{answer.Status} {answer.Body}");
        Assert.Equal("invalid-input", answer.Problem);
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name.StartsWith(field, StringComparison.Ordinal) || field == "opensAt" && e.Name == "closesAt" || field == "minQuantity" && e.Name == "maxQuantity");
    }

    [Theory]
    [InlineData("quantity", "null")]
    [InlineData("quantity", "\"7\"")]
    [InlineData("quantity", "0")]
    [InlineData("quantity", "-3")]
    [InlineData("quantity", "1.5")]
    [InlineData("quantity", "2147483648")]
    [InlineData("quantity", "1000001")]
    [InlineData("quantity", "[1]")]
    [InlineData("tolerance", "-1")]
    [InlineData("tolerance", "\"1\"")]
    [InlineData("tolerance", "99999999999999999999")]
    [InlineData("priceLimitCents", "0")]
    [InlineData("priceLimitCents", "-5")]
    [InlineData("priceLimitCents", "\"cheap\"")]
    [InlineData("priceLimitCents", "10000000000")]
    [InlineData("paymentMethod", "7")]
    [InlineData("paymentMethod", "\"\"")]
    [InlineData("paymentMethod", "\"pm card\"")]
    [InlineData("paymentMethod", "\"pm\\u0000\"")]
    [InlineData("paymentMethod", "\"<script>\"")]
    public async Task a_wrong_field_of_a_join_is_refused_by_name_and_changes_nothing(string field, string value)
    {
        var pool = await orders.OpenPoolAsync();
        var fields = new Dictionary<string, string> { ["quantity"] = "1", [field] = value };

        var answer = await orders.Process.PostAsync($"/api/pools/{pool}/commitments", "{" + string.Join(",", fields.Select(f => $"\"{f.Key}\":{f.Value}")) + "}", orders.Process.Identity.Business(TestOrganisation.New()), "key");

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(field, out _), answer.Body.ToString());
        Assert.Equal(0, (await orders.PoolAsync(pool)).GetProperty("commitmentCount").GetInt32());
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("{\"quantity\":1,\"quantity\":2}")]
    [InlineData("{\"quantity\":1}{}")]
    public async Task a_body_that_is_no_object_is_refused(string body)
    {
        var pool = await orders.OpenPoolAsync();
        foreach (var (method, path, token) in new[]
        {
            (HttpMethod.Post, "/api/pools", orders.Buyer),
            (HttpMethod.Post, $"/api/pools/{pool}/commitments", orders.Process.Identity.Business(TestOrganisation.New())),
            (HttpMethod.Post, $"/api/pools/{pool}/extend", orders.Buyer),
            (HttpMethod.Post, $"/api/pools/{pool}/cancel", orders.Buyer),
        })
        {
            var answer = await orders.Process.SendAsync(method, path, body, token, "key");
            Assert.True(answer is { Status: HttpStatusCode.BadRequest, Problem: "invalid-input" }, $"{path}: {answer.Status} {answer.Body}");
        }
    }

    [Fact]
    public async Task invalid_utf8_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/pools");
        request.Content = new ByteArrayContent([.. Encoding.UTF8.GetBytes("{\"title\":\""), 0xff, 0xfe, .. Encoding.UTF8.GetBytes("\"}")]);
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.Authorization = new("Bearer", orders.Buyer);

        using var response = await orders.Process.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Fact]
    public async Task unknown_and_malformed_ids_are_not_found()
    {
        var business = orders.Process.Identity.Business(TestOrganisation.New());
        foreach (var id in new[] { Guid.Empty.ToString(), Guid.NewGuid().ToString(), "7", "not-an-id", "%00", "..%2f..", new string('9', 400) })
        {
            HttpAnswer[] answers =
            [
                await orders.Process.GetAsync($"/api/pools/{id}"),
                await orders.Process.GetAsync($"/api/pools/{id}/stream"),
                await orders.Process.GetAsync($"/api/pools/{id}/quote?quantity=1", business),
                await orders.Process.GetAsync($"/api/pools/{id}/commitments", orders.Buyer),
                await orders.Process.GetAsync($"/api/commitments/{id}", business),
                await orders.Process.GetAsync($"/api/commitments/{id}/history", business),
                await orders.Process.PostAsync($"/api/pools/{id}/commitments", new { quantity = 1 }, business, Guid.NewGuid().ToString()),
                await orders.Process.PostAsync($"/api/pools/{id}/close", null, orders.Buyer),
                await orders.Process.PostAsync($"/api/pools/{id}/cancel", new { reason = "x" }, orders.Buyer),
                await orders.Process.PostAsync($"/api/pools/{id}/extend", new { closesAt = orders.Now.AddDays(1) }, orders.Buyer),
                await orders.Process.PostAsync($"/api/commitments/{id}/withdraw", null, business),
                await orders.Process.PostAsync($"/api/commitments/{id}/payment", new { }, business),
                await orders.Process.PostAsync($"/api/commitments/{id}/release", new { reason = "x" }, orders.Buyer),
                await orders.Process.PostAsync($"/api/commitments/{id}/delivery", new { quantity = 1, deliveredOn = "2026-11-22" }, orders.Process.Identity.Provider(TestOrganisation.New())),
                await orders.Process.PostAsync($"/api/commitments/{id}/acceptance", new { accepted = true }, business),
                await orders.Process.PostAsync($"/api/commitments/{id}/refund", null, orders.Buyer),
                await orders.Process.PostAsync($"/api/pools/{id}/delivery", new { deliveredOn = "2026-11-22" }, orders.Process.Identity.Provider(TestOrganisation.New())),
                await orders.Process.GetAsync($"/api/pools/{id}/orders?format=csv", orders.Buyer),
                await orders.Process.SendAsync(HttpMethod.Patch, $"/api/commitments/{id}", new { quantity = 2 }, business),
            ];
            Assert.All(answers, a => Assert.True(a.Status is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{id}: {a.Status} {a.Body}"));
        }
    }

    [Theory]
    [InlineData("/api/pools?limit=0", "limit")]
    [InlineData("/api/pools?limit=201", "limit")]
    [InlineData("/api/pools?limit=x", "limit")]
    [InlineData("/api/pools?cursor=%25", "cursor")]
    [InlineData("/api/pools?cursor=WyJ4Il0", "cursor")]
    [InlineData("/api/pools?status=closed", "status")]
    [InlineData("/api/pools?packId=x", "packId")]
    public async Task a_wrong_query_is_refused_by_name(string path, string parameter)
    {
        var answer = await orders.Process.GetAsync(path);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.True(answer.Body.GetProperty("errors").TryGetProperty(parameter, out _), answer.Body.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("?quantity=0")]
    [InlineData("?quantity=-1")]
    [InlineData("?quantity=x")]
    [InlineData("?quantity=99999999999")]
    [InlineData("?quantity=1&tolerance=-1")]
    [InlineData("?quantity=1&priceLimitCents=0")]
    public async Task a_wrong_quote_is_refused(string query) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await orders.Process.GetAsync($"/api/pools/{await orders.OpenPoolAsync()}/quote{query}", orders.Process.Identity.Business(TestOrganisation.New()))).Status);

    [Theory]
    [InlineData(Roles.Business)]
    [InlineData(Roles.Provider)]
    [InlineData(Roles.Assessor)]
    [InlineData(Roles.Finance)]
    public async Task only_the_buyer_manages_pools(string role)
    {
        var pool = await orders.OpenPoolAsync();
        var token = orders.Process.Identity.Token(Guid.NewGuid(), TestOrganisation.New(), role);

        foreach (var path in new[] { "/api/pools", $"/api/pools/{pool}/close", $"/api/pools/{pool}/cancel", $"/api/pools/{pool}/extend", $"/api/commitments/{pool}/release" })
        {
            Assert.Equal(HttpStatusCode.Forbidden, (await orders.Process.PostAsync(path, new { }, token)).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await orders.Process.PostAsync(path, new { }, null)).Status);
        }
    }

    [Fact]
    public async Task a_webhook_that_is_not_signed_by_the_payment_provider_is_refused_and_not_stored()
    {
        foreach (var signature in new[] { null, "", "t=1,v1=00", "t=x", new string('v', 10_000) })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/webhooks/stripe") { Content = new StringContent("{\"id\":\"evt_1\",\"type\":\"payment_intent.succeeded\"}") };
            if (signature is not null)
            {
                request.Headers.TryAddWithoutValidation("Stripe-Signature", signature);
            }

            using var response = await orders.Process.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        }

        await using var db = new NpgsqlConnection(orders.Process.ConnectionString);
        Assert.Equal(0, await db.ExecuteScalarAsync<int>("select count(*)::int from stripe_event"));
    }
}
