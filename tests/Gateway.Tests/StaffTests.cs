using System.Net;
using Marketplace.Gateway.Accounts;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class StaffTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    private ServiceProcess Gateway => fixture.Gateway;

    private string Admin => Gateway.Identity.Staff("admin");

    [Fact]
    public async Task a_disabled_account_is_out_at_once_and_in_again_when_enabled()
    {
        var (email, id) = await fixture.HireAsync(Password, "finance");
        var token = await fixture.SignInAsync(email, Password);

        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync($"/api/auth/staff/{id}/disable", null, Admin)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync($"/api/auth/staff/{id}/disable", null, Admin)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/me", token)).Status);
        Assert.Equal("account-disabled", (await Gateway.PostAsync("/api/auth/token", new { email, password = Password }, null)).Problem);
        Assert.Equal("wrong-credentials", (await Gateway.PostAsync("/api/auth/token", new { email, password = "faux-Mot-de-passe" }, null)).Problem);

        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync($"/api/auth/staff/{id}/enable", null, Admin)).Status);
        await fixture.SignInAsync(email, Password);
        Assert.Single(await Gateway.FactsAsync<AccountDisabled>(id));
        Assert.Single(await Gateway.FactsAsync<AccountEnabled>(id));
    }

    [Fact]
    public async Task new_roles_count_from_the_next_sign_in_which_is_at_once()
    {
        var (email, id) = await fixture.HireAsync(Password, "buyer");
        var token = await fixture.SignInAsync(email, Password);
        var member = await Gateway.GetAsync($"/api/auth/staff/{id}", Admin);
        Assert.Equal("\"1\"", member.Headers.ETag?.ToString());

        var changed = await RolesAsync(id, ["finance", "assessor", "finance"], "\"1\"");
        Assert.Equal((HttpStatusCode.OK, 2), (changed.Status, changed.Body.GetProperty("version").GetInt32()));
        Assert.Equal((HttpStatusCode.PreconditionFailed, "stale-version"), ((await RolesAsync(id, ["buyer"], "\"1\"")).Status, (await RolesAsync(id, ["buyer"], "\"1\"")).Problem));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/me", token)).Status);
        var me = await Gateway.GetAsync("/api/auth/me", await fixture.SignInAsync(email, Password));
        Assert.Equal(["finance", "assessor"], me.Body.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        var fact = Assert.Single(await Gateway.FactsAsync<RolesChanged>(id));
        Assert.Equal("buyer → finance assessor", $"{string.Join(' ', fact.From)} → {string.Join(' ', fact.To)}");
    }

    [Fact]
    public async Task the_last_active_administrator_stays_one()
    {
        await using var town = await fixture.StartAsync([]);
        var first = (await town.PostAsync("/api/auth/token", new { email = GatewayFixture.AdminEmail, password = GatewayFixture.AdminPassword }, null)).Body.GetProperty("accessToken").GetString();
        var id = (await town.GetAsync("/api/auth/me", first)).Body.GetProperty("userId").GetGuid();
        var admin = town.Identity.Staff("admin");
        Assert.Equal((HttpStatusCode.Conflict, "last-administrator"), await ProblemAsync(town.PostAsync($"/api/auth/staff/{id}/disable", null, admin)));
        Assert.Equal((HttpStatusCode.Conflict, "last-administrator"), await ProblemAsync(town.SendAsync(HttpMethod.Put, $"/api/auth/staff/{id}/roles", new { roles = new[] { "buyer" } }, admin)));

        var second = (await town.PostAsync("/api/auth/staff", new { email = "deux@ville.test", password = Password, displayName = "Deux", roles = new[] { "admin" } }, admin)).Body.GetProperty("userId").GetGuid();
        var both = await Task.WhenAll(new[] { id, second }.Select(i => town.PostAsync($"/api/auth/staff/{i}/disable", null, admin)));
        Assert.Equal([HttpStatusCode.NoContent, HttpStatusCode.Conflict], both.Select(a => a.Status).Order());
        Assert.Single((await town.GetAsync("/api/auth/staff", admin)).Body.GetProperty("items").EnumerateArray(), m => !m.GetProperty("isDisabled").GetBoolean());
    }

    [Fact]
    public async Task the_list_tells_who_works_here_and_how_each_signs_in()
    {
        var (email, id) = await fixture.HireAsync(Password, "assessor");
        await fixture.SignInAsync(email, Password);
        var member = (await Gateway.GetAsync($"/api/auth/staff/{id}", Admin)).Body;
        Assert.Equal((email, false, false, 1), (member.GetProperty("email").GetString(), member.GetProperty("twoFactor").GetBoolean(), member.GetProperty("isDisabled").GetBoolean(), member.GetProperty("openSessions").GetInt32()));
        Assert.False(member.TryGetProperty("passwordHash", out _));

        var seen = new List<string?>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = (await Gateway.GetAsync($"/api/auth/staff?limit=2{cursor}", Admin)).Body;
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(m => m.GetProperty("id").GetString()));
            cursor = page.GetProperty("nextCursor").GetString() is { } next ? $"&cursor={next}" : null;
        }

        Assert.Contains($"{id}", seen);
        Assert.Equal(seen.Distinct(), seen);

        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.SendAsync(HttpMethod.Delete, $"/api/auth/staff/{id}/sessions", null, Admin)).Status);
        Assert.Equal(0, (await Gateway.GetAsync($"/api/auth/staff/{id}", Admin)).Body.GetProperty("openSessions").GetInt32());
    }

    [Fact]
    public async Task only_the_administrator_manages_staff_and_only_staff_is_managed()
    {
        var (_, business) = await fixture.RegisterAsync(Password);
        foreach (var (method, path) in new[]
        {
            (HttpMethod.Get, "/api/auth/staff"), (HttpMethod.Get, "/api/auth/staff/{0}"), (HttpMethod.Post, "/api/auth/staff/{0}/disable"), (HttpMethod.Post, "/api/auth/staff/{0}/enable"),
            (HttpMethod.Put, "/api/auth/staff/{0}/roles"), (HttpMethod.Delete, "/api/auth/staff/{0}/sessions"), (HttpMethod.Delete, "/api/auth/staff/{0}/totp"), (HttpMethod.Get, "/api/auth/audit"),
        })
        {
            object? body = method == HttpMethod.Put ? new { roles = new[] { "admin" } } : null;
            Assert.Equal(HttpStatusCode.Forbidden, (await Gateway.SendAsync(method, string.Format(null, path, business), body, Gateway.Identity.Staff("finance", "buyer", "assessor"))).Status);
            Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.SendAsync(method, string.Format(null, path, business), body)).Status);
            if (path.Contains("{0}", StringComparison.Ordinal))
            {
                Assert.Equal(HttpStatusCode.NotFound, (await Gateway.SendAsync(method, string.Format(null, path, business), body, Admin)).Status);
                Assert.Equal(HttpStatusCode.NotFound, (await Gateway.SendAsync(method, string.Format(null, path, Guid.NewGuid()), body, Admin)).Status);
            }
        }
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("[\"provider\"]")]
    [InlineData("[null]")]
    [InlineData("\"admin\"")]
    public async Task roles_are_of_the_list(string roles)
    {
        var (_, id) = await fixture.HireAsync(Password, "buyer");
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.SendAsync(HttpMethod.Put, $"/api/auth/staff/{id}/roles", $$"""{"roles": {{roles}}}""", Admin)).Status);
    }

    [Fact]
    public async Task the_audit_trail_tells_what_happened_newest_first_and_no_secret()
    {
        var (email, id) = await fixture.HireAsync(Password, "buyer");
        await Gateway.PostAsync("/api/auth/token", new { email, password = "faux-Mot-de-passe" }, null);
        var token = await fixture.SignInAsync(email, Password);
        await Gateway.PostAsync("/api/auth/password", new { currentPassword = Password, password = "une-Autre-phrase-8" }, token);
        await RolesAsync(id, ["finance"], null);

        var entries = (await Gateway.GetAsync($"/api/auth/audit?accountId={id}", Admin)).Body.GetProperty("items");
        Assert.Equal(["roles-changed", "password-changed", "signed-in", "sign-in-failed", "staff-account-created"], entries.EnumerateArray().Select(e => e.GetProperty("type").GetString()));
        Assert.All(entries.EnumerateArray(), e => Assert.Equal(email, e.GetProperty("account").GetString()));
        Assert.Equal("127.0.0.1", entries[2].GetProperty("data").GetProperty("address").GetString());
        Assert.DoesNotContain("phrase", entries.GetRawText(), StringComparison.Ordinal);

        var first = (await Gateway.GetAsync($"/api/auth/audit?accountId={id}&limit=3", Admin)).Body;
        var rest = (await Gateway.GetAsync($"/api/auth/audit?accountId={id}&limit=3&cursor={first.GetProperty("nextCursor").GetString()}", Admin)).Body;
        Assert.Equal(2, rest.GetProperty("items").GetArrayLength());
        Assert.All((await Gateway.GetAsync("/api/auth/audit?type=signed-in", Admin)).Body.GetProperty("items").EnumerateArray(), e => Assert.Equal("signed-in", e.GetProperty("type").GetString()));
        foreach (var wrong in new[] { "type=%27", "accountId=x", "cursor=x", "limit=0", "cursor=WyJ4Il0" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.GetAsync($"/api/auth/audit?{wrong}", Admin)).Status);
        }
    }

    private Task<HttpAnswer> RolesAsync(Guid id, string[] roles, string? ifMatch) => Gateway.SendAsync(HttpMethod.Put, $"/api/auth/staff/{id}/roles", new { roles }, Admin, ifMatch: ifMatch);

    private static async Task<(HttpStatusCode, string?)> ProblemAsync(Task<HttpAnswer> answer) => ((await answer).Status, (await answer).Problem);
}
