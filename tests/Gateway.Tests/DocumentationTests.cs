using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class DocumentationTests(GatewayFixture fixture)
{
    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task the_gateways_document_names_its_calls_and_fields()
    {
        var document = (await Gateway.GetAsync("/api/openapi/gateway.json")).Body;
        var paths = document.GetProperty("paths").EnumerateObject().Select(p => p.Name).ToList();
        Assert.Superset(new HashSet<string> { "/api/auth/register", "/api/auth/token", "/api/auth/me", "/api/auth/staff", "/api/auth/staff/{id}/roles", "/api/auth/password", "/api/auth/password-reset", "/api/auth/totp", "/api/auth/sessions", "/api/auth/audit", "/api/notifications", "/api/notifications/unread", "/api/notifications/{id}/read", "/api/notifications/read", "/api/notifications/preferences", "/api/status", "/api/local/clock" }, paths.ToHashSet());
        Assert.DoesNotContain(paths, p => p.StartsWith("/health", StringComparison.Ordinal));
        Assert.Contains("\"format\":\"password\"", JsonSerializer.Serialize(document), StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_services_document_is_its_own() =>
        Assert.True((await Gateway.GetAsync("/api/openapi/catalog.json")).Body.GetProperty("paths").TryGetProperty("/api/catalog/packs/{id}", out _));

    [Fact]
    public async Task the_documentation_lists_every_operation_with_its_fields_and_encodes_what_services_say()
    {
        var overview = await Gateway.Http.GetStringAsync("/api/docs");
        Assert.Contains("/api/auth/register", overview, StringComparison.Ordinal);
        Assert.Contains("Changes &lt;b&gt;a&lt;/b&gt; pack", overview, StringComparison.Ordinal);
        Assert.Contains("Ce service ne répond pas", WebUtility.HtmlDecode(overview), StringComparison.Ordinal);

        var page = await Gateway.Http.GetStringAsync("/api/docs/catalog");
        Assert.Contains("<code>tiers[].minQuantity</code>", page, StringComparison.Ordinal);
        Assert.Contains("string (uuid)", page, StringComparison.Ordinal);
        Assert.Contains("<code>organisation.siret</code>", await Gateway.Http.GetStringAsync("/api/docs/gateway"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await Gateway.Http.GetAsync("/api/docs/other")).StatusCode);
    }

    [Theory]
    [InlineData("/", null, "fr")]
    [InlineData("/", "en-GB,fr;q=0.5", "en")]
    [InlineData("/", "de,fr;q=0.5,en;q=0.3", "fr")]
    [InlineData("/?lang=en", "fr", "en")]
    [InlineData("/api/docs?lang=fr", "en", "fr")]
    [InlineData("/?lang=%22%3E%3Cscript%3E", "en", "en")]
    public async Task pages_are_french_unless_english_is_preferred(string path, string? accept, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptLanguage.ParseAdd(accept);
        using var response = await Gateway.Http.SendAsync(request);
        Assert.Equal("text/html", response.Content.Headers.ContentType?.MediaType);
        var page = await response.Content.ReadAsStringAsync();
        Assert.Contains($"<html lang=\"{language}\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task the_style_sheet_is_ours()
    {
        using var response = await Gateway.Http.GetAsync("/assets/gateway.css");
        Assert.Equal(MediaTypeHeaderValue.Parse("text/css; charset=utf-8"), response.Content.Headers.ContentType);
    }

    [Fact]
    public async Task the_status_tells_of_every_service()
    {
        var status = await Gateway.GetAsync("/api/status");
        Assert.Equal(HttpStatusCode.OK, status.Status);
        Assert.Equal("degraded", status.Body.GetProperty("status").GetString());
        var services = status.Body.GetProperty("services");
        var catalog = services.GetProperty("catalog");
        Assert.False(catalog.GetProperty("ready").GetBoolean());
        Assert.True(catalog.GetProperty("database").GetBoolean());
        Assert.False(catalog.GetProperty("sidecar").GetBoolean());
        Assert.True(catalog.GetProperty("latencyMs").GetInt64() >= 0);
        Assert.Equal(JsonValueKind.Null, services.GetProperty("pooled-orders").GetProperty("database").ValueKind);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.GetAsync("/health/ready")).Status);
    }
}
