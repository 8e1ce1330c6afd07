using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Npgsql;
using static Marketplace.Catalog.Tests.TestProvider;

namespace Marketplace.Catalog.Tests;

public sealed class BadInputTests(CatalogService catalog) : IClassFixture<CatalogService>
{
    private static readonly string[] Required = ["name", "category", "unit", "termMonths", "listPriceCents", "territories", "capacity", "tiers"];

    /// <summary>Member, the JSON put there, and the field that the answer blames.</summary>
    public static TheoryData<string, string, string> Unacceptable()
    {
        var data = new TheoryData<string, string, string>();
        foreach (var number in new[] { "termMonths", "listPriceCents", "vatRateBps", "capacity" })
        {
            Add(number, number, "-1", "\"12\"", "1.5", "true", "[]", "{}", "1e400", "2147483648000", "99999999999999999999999");
        }

        Add("termMonths", "termMonths", "0", "121", "null");
        Add("listPriceCents", "listPriceCents", "0", "100000001", "9223372036854775807", "null");
        Add("vatRateBps", "vatRateBps", "10001");
        Add("capacity", "capacity", "0", "1000001", "null");
        Add("name", "name", "null", "\"\"", "\"  \"", "12", "[]", "{}", Text(201), "\"a\\u0000b\"", "\"\\ud800\"");
        Add("description", "description", "12", "[]", "{}", Text(5001), "\"\\u0000\"", "\"\\udc00\"");
        foreach (var word in new[] { "category", "unit" })
        {
            Add(word, word, "null", "\"\"", "\"vpn\"", "\"AUDIT\"", "\" audit\"", "1", "[]", Text(100_000), "\"audit\\u0000\"");
        }

        Add("territories", "territories", "null", "[]", "\"59\"", "{}", "59");
        Add("territories", "territories[0]", "[\"20\"]", "[\"00\"]", "[\"96\"]", "[\"2a\"]", "[\"977\"]", "[\"\"]", "[null]", "[\"5\"]", "[59]", "[[\"59\"]]");
        Add("territories", "territories[1]", "[\"59\", \"nord\"]", "[\"2A\", \"59\\u0000\"]");
        Add("territories", "territories", $"[{string.Join(',', Enumerable.Repeat("\"59\"", 201))}]");
        Add("attributes", "attributes", "[]", "\"x\"", "1", "{\"\":\"x\"}", "{\"a\":null}", $"{{{Text(101)}:\"x\"}}", $"{{\"a\":{Text(501)}}}");
        Add("attributes", "attributes", $"{{{string.Join(',', Enumerable.Range(0, 51).Select(i => $"\"k{i}\":\"v\""))}}}");
        Add("attributes", "attributes.a", "{\"a\":1}", "{\"a\":{}}", "{\"a\":\"\\u0000\"}");
        Add("tiers", "tiers", "null", "[]", "{}", "\"10\"", $"[{string.Join(',', Enumerable.Range(1, 21).Select(i => TierJson($"{i}", $"{1000 - i}")))}]");
        Add("tiers", "tiers[0]", "[null]", "[1]", "[[]]");
        Add("tiers", "tiers[0].minQuantity", "[{\"unitPriceCents\":5}]", Tiers(("0", "5")), Tiers(("-1", "5")), Tiers(("1000001", "5")), Tiers(("null", "5")), Tiers(("\"1\"", "5")), Tiers(("1.5", "5")), Tiers(("3000000000", "5")));
        Add("tiers", "tiers[0].unitPriceCents", "[{\"minQuantity\":5}]", Tiers(("1", "0")), Tiers(("1", "-1")), Tiers(("1", "100000001")), Tiers(("1", "null")), Tiers(("1", "6901")), Tiers(("1", "1e30")), Tiers(("1", "\"5\"")));
        Add("tiers", "tiers[1].minQuantity", Tiers(("10", "5"), ("10", "4")), Tiers(("10", "5"), ("9", "4")));
        Add("tiers", "tiers[1].unitPriceCents", Tiers(("10", "5"), ("20", "5")), Tiers(("10", "5"), ("20", "6")));
        Add("tiers", "tiers[2].unitPriceCents", Tiers(("10", "5"), ("20", "4"), ("30", "4")));
        return data;

        void Add(string member, string field, params string[] values)
        {
            foreach (var value in values)
            {
                data.Add(member, value, field);
            }
        }

        static string Text(int length) => $"\"{new string('é', length)}\"";
        static string TierJson(string quantity, string price) => $"{{\"minQuantity\":{quantity},\"unitPriceCents\":{price}}}";
        static string Tiers(params (string Quantity, string Price)[] tiers) => $"[{string.Join(',', tiers.Select(t => TierJson(t.Quantity, t.Price)))}]";
    }

    [Fact]
    public async Task every_unacceptable_value_is_refused_by_name_and_changes_nothing()
    {
        var provider = catalog.NewProvider();
        var draft = await provider.DraftAsync();
        var packs = await CountAsync();
        var wrong = new List<string>();
        foreach (var row in Unacceptable())
        {
            var (member, value, field) = row.Data;
            var body = WithRaw(member, value);
            var answers = new[]
            {
                await catalog.Process.PostAsync("/api/catalog/packs", body, provider.Token),
                await catalog.Process.SendAsync(HttpMethod.Put, $"/api/catalog/packs/{draft}", body, provider.Token),
            };
            foreach (var answer in answers)
            {
                if (answer.Status != HttpStatusCode.BadRequest || answer.Problem != "invalid-input" || !answer.Body.GetProperty("errors").EnumerateObject().Any(e => e.Name == field))
                {
                    wrong.Add($"{member} = {value[..Math.Min(40, value.Length)]}: {answer.Status} {answer.Body}, not {field}");
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(packs, await CountAsync());
        Assert.Equal(1, (await catalog.Process.GetAsync($"/api/catalog/packs/{draft}", provider.Token)).Number("version"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("null")]
    public async Task a_missing_body_is_refused_with_every_missing_field(string body)
    {
        var provider = catalog.NewProvider();
        var draft = await provider.DraftAsync();
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/api/catalog/packs"), (HttpMethod.Put, $"/api/catalog/packs/{draft}") })
        {
            var answer = await catalog.Process.SendAsync(method, path, body.Length == 0 ? null : body, provider.Token);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Equal(Required.Order(), answer.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order());
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    [InlineData("{\"name\":\"a\"} trailing")]
    [InlineData("\uFEFF\u0001")]
    public async Task json_that_is_not_an_object_of_ours_is_refused(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await catalog.Process.PostAsync("/api/catalog/packs", body, catalog.NewProvider().Token)).Status);

    [Fact]
    public async Task bytes_that_are_no_utf8_other_media_and_huge_bodies_are_refused()
    {
        Assert.Equal(HttpStatusCode.BadRequest, await PostBytesAsync([.. "{\"name\":\""u8, 0xC3, 0x28, .. "\"}"u8], "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostBytesAsync([0xFF, 0xFE, 0x00], "application/json"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, await PostBytesAsync("name=a"u8.ToArray(), "application/x-www-form-urlencoded"));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, await PostBytesAsync(Encoding.UTF8.GetBytes($"{{\"name\":\"{new string('a', 1_100_000)}\"}}"), "application/json"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostBytesAsync(Encoding.UTF8.GetBytes(new string('[', 10_000)), "application/json"));
    }

    [Theory]
    [InlineData("GET", "/api/catalog/packs/42")]
    [InlineData("GET", "/api/catalog/packs/%00")]
    [InlineData("GET", "/api/catalog/packs/01900000-0000-7000-8000-000000000000")]
    [InlineData("GET", "/api/catalog/packs/01900000-0000-7000-8000-000000000000/history")]
    [InlineData("POST", "/api/catalog/packs/01900000-0000-7000-8000-000000000000/list")]
    [InlineData("POST", "/api/catalog/packs/01900000-0000-7000-8000-000000000000/withdraw")]
    [InlineData("POST", "/api/catalog/packs/x/list")]
    public async Task an_unknown_id_is_not_found(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", catalog.NewProvider().Token);
        using var response = await catalog.Process.Http.SendAsync(request);
        Assert.True(response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{response.StatusCode}");
    }

    [Theory]
    [InlineData("abc", HttpStatusCode.BadRequest)]
    [InlineData("99999999999", HttpStatusCode.BadRequest)]
    [InlineData("0", HttpStatusCode.NotFound)]
    [InlineData("-1", HttpStatusCode.NotFound)]
    [InlineData("2", HttpStatusCode.NotFound)]
    public async Task a_version_that_is_none_is_refused(string version, HttpStatusCode expected)
    {
        var provider = catalog.NewProvider();
        var id = await provider.DraftAsync();
        Assert.Equal(expected, (await catalog.Process.GetAsync($"/api/catalog/packs/{id}?version={version}", provider.Token)).Status);
    }

    [Fact]
    public async Task the_outermost_acceptable_values_are_accepted()
    {
        var provider = catalog.NewProvider();
        await provider.DraftAsync(
            ("name", new string('é', 200)), ("description", new string('x', 5000)), ("termMonths", 120), ("listPriceCents", 100_000_000), ("vatRateBps", 0), ("capacity", 1_000_000),
            ("territories", new[] { "01", "2A", "2B", "95", "971", "976" }), ("attributes", Enumerable.Range(0, 50).ToDictionary(i => $"{i}".PadLeft(100, 'k'), _ => string.Concat(Enumerable.Repeat("🙂", 250)))),
            ("tiers", Enumerable.Range(1, 20).Select(i => Tier(i == 20 ? 1_000_000 : i, 21 - i)).ToArray()));
        await provider.DraftAsync(
            ("name", "a"), ("description", null), ("attributes", null), ("termMonths", 1), ("listPriceCents", 1), ("vatRateBps", 10_000), ("capacity", 1), ("tiers", new[] { Tier(1, 1) }));
    }

    private async Task<HttpStatusCode> PostBytesAsync(byte[] body, string mediaType)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/catalog/packs") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", catalog.NewProvider().Token);
        using var response = await catalog.Process.Http.SendAsync(request);
        return response.StatusCode;
    }

    private async Task<int> CountAsync()
    {
        await using var db = new NpgsqlConnection(catalog.Process.ConnectionString);
        return await db.ExecuteScalarAsync<int>("select (select count(*) from pack) + (select count(*) from pack_version) + (select count(*) from fact)");
    }

    private static string WithRaw(string member, string json)
    {
        var members = Terms().Where(m => m.Key != member).Select(m => $"\"{m.Key}\":{JsonSerializer.Serialize(m.Value)}").Append($"\"{member}\":{json}");
        return $"{{{string.Join(',', members)}}}";
    }
}
