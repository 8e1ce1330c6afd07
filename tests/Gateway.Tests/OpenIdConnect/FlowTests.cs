using System.Security.Cryptography;
using Marketplace.Portal.Accounts;
using Marketplace.Testing;

namespace Marketplace.Gateway.Tests.OpenIdConnect;

/// <summary>What the provider or somebody on the way may get wrong.</summary>
[Collection(nameof(ProviderFixture))]
public sealed class FlowTests(ProviderFixture fixture)
{
    private static readonly Dictionary<string, Func<ProviderFixture, Dictionary<string, object?>, Says>> Wrong = new()
    {
        ["the issuer is another"] = (f, c) => f.Tells(new(c) { ["iss"] = f.Provider.Address + "/other" }),
        ["the audience is another client"] = (f, c) => f.Tells(new(c) { ["aud"] = "another" }),
        ["it is for two clients and for nobody in particular"] = (f, c) => f.Tells(new(c) { ["aud"] = new[] { "client", "another" } }),
        ["it was made for another client"] = (f, c) => f.Tells(new(c) { ["azp"] = "another" }),
        ["it has expired"] = (f, c) => f.Tells(new(c) { ["exp"] = DateTimeOffset.UtcNow.AddMinutes(-2).ToUnixTimeSeconds() }),
        ["it never expires"] = (f, c) => f.Tells(new(c) { ["exp"] = null }),
        ["it has no nonce"] = (f, c) => new Says(_ => f.Provider.Sign(c), Sub(c)),
        ["its nonce is of another sign-in"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce + "x" }), Sub(c)),
        ["it names nobody"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce, ["sub"] = null }), Sub(c)),
        ["nobody signed it"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce }, "none"), Sub(c)),
        ["it is signed with the public key as a secret"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce }, "HS256"), Sub(c)),
        ["it is signed with our own secret"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce }, "HS256", kid: "secret"), Sub(c)),
        ["another key signed it"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce }, other: RSA.Create(2048)), Sub(c)),
        ["a key that is not published signed it"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce }, kid: "unknown", other: RSA.Create(2048)), Sub(c)),
        ["it is a token of another type"] = (f, c) => new Says(nonce => f.Provider.Sign(new(c) { ["nonce"] = nonce }, type: "logout+jwt"), Sub(c)),
        ["it belongs to another access token"] = (f, c) => f.Tells(new(c) { ["at_hash"] = "MTIzNDU2Nzg5MDEyMzQ1Ng" }),
        ["userinfo is about somebody else"] = (f, c) => f.Tells(c) with { UserInfo = """{ "sub": "somebody-else" }""" },
        ["userinfo names nobody"] = (f, c) => f.Tells(c) with { UserInfo = "{}" },
        ["another key signed userinfo"] = (f, c) => f.Tells(c) with { UserInfo = f.Provider.Sign(c, other: RSA.Create(2048)), UserInfoType = "application/jwt" },
        ["userinfo is for another client"] = (f, c) => f.Tells(c) with { UserInfo = f.Provider.Sign(new(c) { ["aud"] = "another" }), UserInfoType = "application/jwt" },
        ["the provider refuses the code"] = (f, c) => f.Tells(c) with { Status = 400 },
    };

    private static string Sub(Dictionary<string, object?> claims) => System.Text.Json.JsonSerializer.Serialize(new { sub = claims["sub"] });

    public static TheoryData<string> Faults => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task nobody_is_let_in_when(string fault)
    {
        var claims = fixture.Claims(siret: TestOrganisation.New().Siret);
        var refused = await fixture.SignInAsync(Wrong[fault](fixture, claims));
        Assert.Equal(("/connexion?refus=openid-refused", null, null), (refused.To, refused.Session, refused.Ticket));

        var right = await fixture.SignInAsync(fixture.Tells(claims));
        Assert.Equal("/connexion/premiere-fois", right.To);
    }

    [Fact]
    public async Task userinfo_may_be_a_signed_token_and_says_who_it_is()
    {
        var claims = fixture.Claims(siret: TestOrganisation.New().Siret);
        var bare = new[] { "iss", "aud", "sub", "exp", "iat" }.ToDictionary(n => n, n => claims[n]);
        Assert.Equal("/connexion?refus=openid-email-not-verified", (await fixture.SignInAsync(fixture.Tells(bare))).To);
        var told = fixture.Tells(bare) with { UserInfo = fixture.Provider.Sign(new(claims) { ["exp"] = null }), UserInfoType = "application/jwt" };
        Assert.Equal("/connexion/premiere-fois", (await fixture.SignInAsync(told)).To);
    }

    [Fact]
    public async Task the_browser_takes_state_nonce_and_challenge_along_and_keeps_what_ties_them_to_it()
    {
        var (cookie, query) = await fixture.LeaveAsync();
        Assert.Equal(("code", "client", "S256", "openid email profile"), (query["response_type"], query["client_id"], query["code_challenge_method"], query["scope"]));
        Assert.Equal(new Uri(fixture.Gateway.Http.BaseAddress!, "/connexion/openid/retour").ToString(), query["redirect_uri"]);
        Assert.Equal(43, query["code_challenge"]!.Length);
        Assert.All(new[] { query["state"]!, query["nonce"]! }, value => Assert.InRange(value.Length, 32, 512));
        Assert.Equal(["client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri", "response_type", "scope", "state"], query.AllKeys.Order());
        Assert.DoesNotContain(query["state"]!, cookie, StringComparison.Ordinal);
        Assert.NotEqual(query["state"], (await fixture.LeaveAsync()).Query["state"]);
    }

    [Fact]
    public async Task a_return_counts_once_and_only_in_the_browser_that_left()
    {
        var says = fixture.Tells(fixture.Claims(roles: "acheteurs"));
        var (cookie, query) = await fixture.LeaveAsync();
        string Back(string state) => $"code={fixture.Provider.Code(says, query["nonce"]!, query["code_challenge"]!)}&state={state}";
        foreach (var (withCookie, state) in new[] { (null, query["state"]!), ((await fixture.LeaveAsync()).Cookie, query["state"]!), (cookie, "another"), (cookie, ""), ("openid=forged", query["state"]!) })
        {
            Assert.Equal("/connexion?refus=openid-expired", (await fixture.ReturnAsync(withCookie, Back(state))).To);
        }

        Assert.Equal("/connexion?refus=openid-expired", (await fixture.ReturnAsync(cookie, Back(query["state"]!) + "&iss=https%3A%2F%2Fevil.example")).To);
        Assert.Equal("/mon-espace", (await fixture.ReturnAsync(cookie, Back(query["state"]!))).To);
        Assert.Equal("/connexion?refus=openid-expired", (await fixture.ReturnAsync(cookie, Back(query["state"]!))).To);
    }

    [Fact]
    public async Task a_verifier_of_another_sign_in_redeems_no_code()
    {
        var ((cookie, query), (_, other)) = (await fixture.LeaveAsync(), await fixture.LeaveAsync());
        var code = fixture.Provider.Code(fixture.Tells(fixture.Claims(roles: "acheteurs")), query["nonce"]!, other["code_challenge"]!);
        Assert.Equal("/connexion?refus=openid-refused", (await fixture.ReturnAsync(cookie, $"code={code}&state={query["state"]}")).To);
    }

    [Theory]
    [InlineData("access_denied", "openid-cancelled")]
    [InlineData("login_required", "openid-refused")]
    public async Task the_sign_in_page_says_what_the_provider_said(string error, string refusal)
    {
        var (cookie, query) = await fixture.LeaveAsync();
        Assert.Equal($"/connexion?refus={refusal}", (await fixture.ReturnAsync(cookie, $"error={error}&state={query["state"]}")).To);
    }

    [Theory]
    [InlineData("/mon-compte?fait=nom", "/mon-compte?fait=nom")]
    [InlineData("https://evil.example/", "/mon-espace")]
    [InlineData("//evil.example/", "/mon-espace")]
    [InlineData("/\\evil.example/", "/mon-espace")]
    [InlineData("/\t/evil.example/", "/mon-espace")]
    [InlineData("javascript:alert(1)", "/mon-espace")]
    public async Task a_sign_in_leads_to_a_page_of_ours(string back, string to)
    {
        Assert.Equal(to == "/mon-espace" ? null : to, LocalAddress.Of(back));
        Assert.Equal(to, (await fixture.SignInAsync(fixture.Tells(fixture.Claims(roles: "acheteurs")), back)).To);
    }

    [Fact]
    public async Task a_provider_that_fails_or_calls_itself_otherwise_lets_nobody_in()
    {
        Assert.Equal("/connexion?refus=openid-unavailable", (await fixture.SignInAsync(fixture.Tells(fixture.Claims()) with { Status = 500 })).To);
        Assert.Equal("/connexion?refus=openid-unavailable", (await fixture.SignInAsync(fixture.Tells(fixture.Claims()) with { UserInfo = "<html>" })).To);
        await using var liar = await fixture.StartAsync(new() { ["OpenIdConnect__Authority"] = fixture.Provider.Address + "/liar" });
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = liar.Http.BaseAddress };
        using var answer = await http.GetAsync("/connexion/openid");
        Assert.Equal("/connexion?refus=openid-unavailable", answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task without_a_provider_there_is_nothing_of_it()
    {
        await using var gateway = await fixture.StartAsync(new() { ["OpenIdConnect__Authority"] = "" });
        Assert.Equal(404, (int)(await gateway.Http.GetAsync("/connexion/openid")).StatusCode);
        Assert.Equal(404, (int)(await gateway.PostAsync("/api/auth/openid/pending", new { ticket = "x" }, null)).Status);
        Assert.DoesNotContain("/connexion/openid", await gateway.Http.GetStringAsync("/connexion"), StringComparison.Ordinal);
    }
}
