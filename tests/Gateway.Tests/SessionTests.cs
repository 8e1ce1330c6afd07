using System.Net;
using Marketplace.Gateway.Accounts;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class SessionTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task each_sign_in_is_a_session_of_its_own_with_where_and_what()
    {
        var (email, userId) = await fixture.RegisterAsync(Password);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/auth/token") { Content = System.Net.Http.Json.JsonContent.Create(new { email, password = Password }) };
        request.Headers.TryAddWithoutValidation("User-Agent", "Phone/1 " + new string('x', 500));
        using var answer = await Gateway.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var token = await fixture.SignInAsync(email, Password);

        var sessions = (await Gateway.GetAsync("/api/auth/sessions", token)).Body.GetProperty("items");
        Assert.Equal([true, false], sessions.EnumerateArray().Select(s => s.GetProperty("isCurrent").GetBoolean()));
        Assert.Equal("127.0.0.1", sessions[1].GetProperty("address").GetString());
        Assert.Equal(200, sessions[1].GetProperty("userAgent").GetString()!.Length);
        Assert.Equal(sessions[0].GetProperty("id").GetString(), (await Gateway.GetAsync("/api/auth/sessions/current", token)).Body.GetProperty("id").GetString());
        Assert.Equal(2, (await Gateway.FactsAsync<SignedIn>(userId)).Count);

        var first = await Gateway.GetAsync("/api/auth/sessions?limit=1", token);
        var next = await Gateway.GetAsync($"/api/auth/sessions?limit=1&cursor={first.Body.GetProperty("nextCursor").GetString()}", token);
        Assert.Equal(sessions[1].GetProperty("id").GetString(), next.Body.GetProperty("items")[0].GetProperty("id").GetString());
    }

    [Fact]
    public async Task an_ended_session_is_refused_at_once_and_the_others_go_on()
    {
        var (email, _) = await fixture.RegisterAsync(Password);
        var (here, there, third) = (await fixture.SignInAsync(email, Password), await fixture.SignInAsync(email, Password), await fixture.SignInAsync(email, Password));
        var id = (await Gateway.GetAsync("/api/auth/sessions/current", there)).Body.GetProperty("id").GetString();

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync($"/api/auth/sessions/{id}", here)).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync($"/api/auth/sessions/{id}", here)).Status);
        Assert.Equal((HttpStatusCode.Unauthorized, "not-signed-in"), ((await Gateway.GetAsync("/api/auth/me", there)).Status, (await Gateway.GetAsync("/api/auth/me", there)).Problem));
        Assert.Equal(HttpStatusCode.OK, (await Gateway.GetAsync("/api/auth/me", third)).Status);

        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync("/api/auth/sessions", here)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/me", third)).Status);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.GetAsync("/api/auth/me", here)).Status);
    }

    [Fact]
    public async Task another_instance_refuses_it_within_seconds()
    {
        await using var second = await fixture.StartAsync([], Gateway.ConnectionString, Gateway.Identity);
        var (email, _) = await fixture.RegisterAsync(Password);
        var token = await fixture.SignInAsync(email, Password);
        Assert.Equal(HttpStatusCode.OK, (await second.GetAsync("/api/auth/me", token)).Status);
        var id = (await Gateway.GetAsync("/api/auth/sessions/current", token)).Body.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync($"/api/auth/sessions/{id}", token)).Status);
        for (var i = 0; i < 40 && (await second.GetAsync("/api/auth/me", token)).Status == HttpStatusCode.OK; i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync("/api/auth/me", token)).Status);
    }

    [Fact]
    public async Task nothing_is_forwarded_in_the_name_of_an_ended_session_by_any_instance()
    {
        await using var second = await fixture.StartAsync(new() { ["Services__Catalog"] = fixture.Upstream.Address }, Gateway.ConnectionString, Gateway.Identity);
        var (email, _) = await fixture.RegisterAsync(Password);
        var (ended, open) = (await fixture.SignInAsync(email, Password), await fixture.SignInAsync(email, Password));
        Assert.Equal(HttpStatusCode.Created, (await second.GetAsync("/api/catalog/echo", ended)).Status);
        var id = (await Gateway.GetAsync("/api/auth/sessions/current", ended)).Body.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NoContent, (await DeleteAsync($"/api/auth/sessions/{id}", open)).Status);

        var refused = await Gateway.GetAsync("/api/catalog/echo", ended);
        Assert.Equal((HttpStatusCode.Unauthorized, "not-signed-in"), (refused.Status, refused.Problem));
        for (var i = 0; i < 40 && (await second.GetAsync("/api/catalog/echo", ended)).Status == HttpStatusCode.Created; i++)
        {
            await Task.Delay(100);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await second.GetAsync("/api/catalog/echo", ended)).Status);
        await Task.Delay(TimeSpan.FromSeconds(3));
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/catalog/echo", ended)).Status);
        foreach (var token in new[] { open, "x", "a.b.c", "..", "a.eyJqdGkiOjF9.c", new string('x', 9_000) + ".y.z" })
        {
            Assert.Equal(HttpStatusCode.Created, (await Gateway.GetAsync("/api/catalog/echo", token)).Status);
        }
    }

    [Fact]
    public async Task nobody_ends_or_sees_another_users_session()
    {
        var ((mine, _), (theirs, _)) = (await fixture.RegisterAsync(Password), await fixture.RegisterAsync(Password));
        var (me, them) = (await fixture.SignInAsync(mine, Password), await fixture.SignInAsync(theirs, Password));
        var id = (await Gateway.GetAsync("/api/auth/sessions/current", them)).Body.GetProperty("id").GetString();
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync($"/api/auth/sessions/{id}", me)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await DeleteAsync("/api/auth/sessions/not-an-id", me)).Status);
        Assert.Equal(1, (await Gateway.GetAsync("/api/auth/sessions", me)).Body.GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, (await Gateway.GetAsync("/api/auth/me", them)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/sessions")).Status);
    }

    [Fact]
    public async Task a_user_changes_the_name_that_others_see()
    {
        var (email, _) = await fixture.RegisterAsync(Password);
        var token = await fixture.SignInAsync(email, Password);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.SendAsync(HttpMethod.Put, "/api/auth/me", new { displayName = "  <b>Zoé</b> 🌷 " }, token)).Status);
        Assert.Equal("<b>Zoé</b> 🌷", (await Gateway.GetAsync("/api/auth/me", token)).Body.GetProperty("displayName").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.SendAsync(HttpMethod.Put, "/api/auth/me", new { displayName = " " }, token)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Gateway.SendAsync(HttpMethod.Put, "/api/auth/me", "null", token)).Status);
    }

    private Task<HttpAnswer> DeleteAsync(string path, string token) => Gateway.SendAsync(HttpMethod.Delete, path, null, token);
}
