using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Dapper;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class BadInputTests(GatewayFixture fixture)
{
    private ServiceProcess Gateway => fixture.Gateway;

    public static TheoryData<string, object?> WrongFields => new()
    {
        { "email", null }, { "email", 5 }, { "email", "" }, { "email", "nobody" }, { "email", new string('a', 300) + "@b.fr" }, { "email", "a\0@b.fr" },
        { "password", null }, { "password", 5 }, { "password", "short1!" }, { "password", "alllowercase" }, { "password", "Password123!" }, { "password", new string('x', 5000) + "1" }, { "password", "nul-\0-Inside-1" },
        { "displayName", null }, { "displayName", "   " }, { "displayName", new string('n', 201) }, { "displayName", "a\u0007b" }, { "displayName", "a\0b" }, { "displayName", new[] { "a" } },
        { "organisation", null }, { "organisation", "none" },
        { "organisation.kind", null }, { "organisation.kind", "buyer" }, { "organisation.kind", "Business" }, { "organisation.kind", 1 },
        { "organisation.name", null }, { "organisation.name", "" }, { "organisation.name", new string('n', 201) },
        { "organisation.siret", null }, { "organisation.siret", "73282932000075" }, { "organisation.siret", "123" }, { "organisation.siret", 73282932000074L }, { "organisation.siret", new string('1', 10_000) },
        { "organisation.headcount", -1 }, { "organisation.headcount", 1_000_001 }, { "organisation.headcount", 1e30 }, { "organisation.headcount", 2.5 }, { "organisation.headcount", "4" },
        { "organisation.turnoverCents", -1 }, { "organisation.turnoverCents", 1_000_000_000_000_001 }, { "organisation.turnoverCents", 1e40 },
        { "organisation.departement", null }, { "organisation.departement", "20" }, { "organisation.departement", "2a" }, { "organisation.departement", 62 },
        { "organisation.iban", "FR1420041010050500013M02607" }, { "organisation.iban", "x" }, { "organisation.iban", new string('1', 1000) },
    };

    [Theory]
    [MemberData(nameof(WrongFields), DisableDiscoveryEnumeration = true)]
    public async Task a_wrong_field_is_named_and_nothing_is_stored(string field, object? value)
    {
        var email = GatewayFixture.NewEmail();
        var answer = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Changed(GatewayFixture.Registration(email), field, value), null);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == field);
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        Assert.Equal(0, await db.ExecuteScalarAsync<long>("select count(*) from account where email_key = @email", new { email }));
    }

    [Fact]
    public async Task all_wrong_fields_are_named_at_once()
    {
        var answer = await Gateway.PostAsync("/api/auth/register", new { organisation = new { } }, null);
        Assert.Equal(
            ["displayName", "email", "organisation.departement", "organisation.kind", "organisation.name", "organisation.siret", "password"],
            answer.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
    }

    public static TheoryData<string, string> WrongBodies
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var path in new[] { "/api/auth/register", "/api/auth/token", "/api/auth/staff", "/api/local/clock", "/api/auth/password-reset", "/api/auth/password", "/api/auth/totp", "/api/auth/totp/confirmation", "/api/auth/totp/removal" })
            {
                foreach (var body in new[] { "", "null", "[]", "5", "\"x\"", "{", "{\"email\":", "{\"email\":\"\\ud800\"}", "{\"email\":\"a\",\"email\":\"b\"}", new string('[', 5000), "{}", "{\"email\":{},\"password\":[],\"roles\":7,\"advance\":{}}" })
                {
                    data.Add(path, body);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(WrongBodies), DisableDiscoveryEnumeration = true)]
    public async Task a_body_that_cannot_be_read_is_400(string path, string body)
    {
        var answer = await Gateway.PostAsync(path, body, Gateway.Identity.Staff("admin"));
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
    }

    [Theory]
    [InlineData("/api/auth/register")]
    [InlineData("/api/auth/token")]
    public async Task invalid_utf8_is_400_another_media_type_415_and_a_huge_body_413(string path)
    {
        Assert.Equal(400, await StatusAsync(path, [.. "{\"email\":\""u8, 0xC3, 0x28, 0xFF, .. "\"}"u8], "application/json"));
        Assert.Equal(415, await StatusAsync(path, "email=a"u8.ToArray(), "application/x-www-form-urlencoded"));
        Assert.Equal(413, await StatusAsync(path, Encoding.UTF8.GetBytes("{\"email\":\"" + new string('a', (1 << 20) + 10) + "\"}"), "application/json"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[\"business\"]")]
    [InlineData("[\"admin\", null]")]
    [InlineData("[\"admin\", \"root\"]")]
    [InlineData("null")]
    public async Task staff_roles_are_of_the_list(string roles)
    {
        var body = $$"""{"email": "{{GatewayFixture.NewEmail()}}", "password": "une-Longue-phrase-7", "displayName": "X", "roles": {{roles}}}""";
        var answer = await Gateway.PostAsync("/api/auth/staff", body, Gateway.Identity.Staff("admin"));
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == "roles");
    }

    [Theory]
    [InlineData("/api/auth/token?x=%00")]
    [InlineData("/api/auth/me?limit=%00")]
    public async Task a_nul_in_the_query_is_400(string path) => Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.GetAsync(path)).Status);

    [Fact]
    public async Task unknown_paths_are_404_and_wrong_methods_405_as_problems()
    {
        var unknown = await Gateway.GetAsync("/api/auth/nothing");
        Assert.Equal((HttpStatusCode.NotFound, "not-found"), (unknown.Status, unknown.Problem));
        var method = await Gateway.GetAsync("/api/auth/token");
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "method-not-allowed"), (method.Status, method.Problem));
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("a.b.c")]
    [InlineData("eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.")]
    public async Task a_token_that_is_none_is_401(string token)
    {
        var answer = await Gateway.GetAsync("/api/auth/me", token);
        Assert.Equal((HttpStatusCode.Unauthorized, "not-signed-in"), (answer.Status, answer.Problem));
    }

    private async Task<int> StatusAsync(string path, byte[] body, string mediaType)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        using var response = await Gateway.Http.PostAsync(path, content);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        return (int)response.StatusCode;
    }
}
