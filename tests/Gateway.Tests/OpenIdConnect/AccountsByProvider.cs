using System.Net;
using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Gateway.Tests.OpenIdConnect;

/// <summary>Whose account somebody gets who comes by the provider.</summary>
[Collection(nameof(ProviderFixture))]
public sealed class AccountsByProvider(ProviderFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task a_business_registers_with_the_siret_that_the_provider_tells_and_is_known_from_then_on()
    {
        var (siret, email) = (TestOrganisation.New().Siret, GatewayFixture.NewEmail());
        var claims = fixture.Claims(email: email, siret: siret);
        claims["organization_label"] = "Boulangerie Diop";
        var ticket = await TicketAsync(fixture.Tells(claims));
        var pending = await Gateway.PostAsync("/api/auth/openid/pending", new { ticket }, null);
        Assert.Equal(("register", email, siret, "Boulangerie Diop", "Awa Diop"), (
            pending.Body.GetProperty("step").GetString(), pending.Body.GetProperty("email").GetString(), pending.Body.GetProperty("siret").GetString(),
            pending.Body.GetProperty("organisation").GetString(), pending.Body.GetProperty("name").GetString()));

        var invalid = await Gateway.PostAsync("/api/auth/openid/registration", new { ticket, displayName = "Awa", organisation = new { kind = "business", name = "", departement = "99" } }, null);
        Assert.Equal(HttpStatusCode.BadRequest, invalid.Status);
        Assert.Equal(["organisation.departement", "organisation.name"], invalid.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order());
        var registered = await RegisterAsync(ticket, TestOrganisation.New().Siret);
        Assert.Equal(HttpStatusCode.Created, registered.Status);
        var me = (await Gateway.GetAsync("/api/auth/me", registered.Body.GetProperty("accessToken").GetString())).Body;
        Assert.Equal((siret, false), (me.GetProperty("organisation").GetProperty("siret").GetString(), me.GetProperty("hasPassword").GetBoolean()));
        Assert.Equal("openid-expired", (await RegisterAsync(ticket)).Problem);

        var again = await fixture.SignInAsync(fixture.Tells(claims), "/mon-compte");
        Assert.Equal("/mon-compte", again.To);
        Assert.Equal(200, await fixture.PageAsync("/mon-compte", again.Session!));
        Assert.Equal(["openid", "openid"], (await Gateway.FactsAsync<SignedIn>(me.GetProperty("userId").GetGuid())).Select(f => f.Factor));
        Assert.Equal("wrong-credentials", (await Gateway.PostAsync("/api/auth/token", new { email, password = "" }, null)).Problem);

        claims["siret"] = TestOrganisation.New().Siret;
        Assert.Equal("/connexion?refus=openid-other-organisation", (await fixture.SignInAsync(fixture.Tells(claims))).To);
        claims["siret"] = null;
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(fixture.Tells(claims))).To);
    }

    [Fact]
    public async Task a_siret_that_is_registered_is_not_given_to_a_second_account()
    {
        var siret = TestOrganisation.New().Siret;
        await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(siret: siret), null);
        Assert.Equal("siret-taken", (await RegisterAsync(await TicketAsync(fixture.Tells(fixture.Claims(siret: siret))))).Problem);
    }

    [Fact]
    public async Task an_account_with_the_same_email_is_linked_by_its_password_and_never_without()
    {
        var (email, siret) = (GatewayFixture.NewEmail(), TestOrganisation.New().Siret);
        Assert.Equal(HttpStatusCode.Created, (await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, siret, password: Password), null)).Status);
        var claims = fixture.Claims(email: email.ToUpperInvariant(), siret: siret);
        var first = await fixture.SignInAsync(fixture.Tells(claims));
        Assert.Equal(("/connexion/premiere-fois", null), (first.To, first.Session));

        var ticket = await TicketAsync(fixture.Tells(claims));
        Assert.Equal("email-taken", (await RegisterAsync(ticket)).Problem);
        Assert.Equal("password-required", (await Gateway.PostAsync("/api/auth/openid/token", new { ticket }, null)).Problem);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong-password", (await Gateway.PostAsync("/api/auth/openid/token", new { ticket, password = "faux-Mot-de-passe" }, null)).Problem);
        }

        Assert.Equal("too-many-attempts", (await Gateway.PostAsync("/api/auth/openid/token", new { ticket, password = Password }, null)).Problem);
        await using (var db = new NpgsqlConnection(Gateway.ConnectionString))
        {
            await db.ExecuteAsync("delete from sign_in_failure");
        }

        var linked = await Gateway.PostAsync("/api/auth/openid/token", new { ticket, password = Password }, null);
        Assert.Equal(HttpStatusCode.OK, linked.Status);
        var me = (await Gateway.GetAsync("/api/auth/me", linked.Body.GetProperty("accessToken").GetString())).Body;
        Assert.True(me.GetProperty("hasPassword").GetBoolean());
        Assert.NotNull(me.GetProperty("linkedAt").GetString());
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(fixture.Tells(claims))).To);
        Assert.Single(await Gateway.FactsAsync<IdentityLinked>(me.GetProperty("userId").GetGuid()));
    }

    [Fact]
    public async Task an_email_that_nobody_verified_makes_no_account()
    {
        var claims = fixture.Claims(siret: TestOrganisation.New().Siret, roles: "acheteurs");
        claims["email_verified"] = false;
        Assert.Equal("/connexion?refus=openid-email-not-verified", (await fixture.SignInAsync(fixture.Tells(claims))).To);
        claims["email_verified"] = "true";
        Assert.Equal("/connexion?refus=openid-email-not-verified", (await fixture.SignInAsync(fixture.Tells(claims))).To);
    }

    [Fact]
    public async Task staff_has_the_roles_that_the_provider_tells_at_each_sign_in()
    {
        var (subject, email) = (Guid.NewGuid().ToString(), GatewayFixture.NewEmail());
        Says As(params string[] roles) => fixture.Tells(fixture.Claims(subject, email, null, roles));
        Assert.Equal("/connexion?refus=openid-no-access", (await fixture.SignInAsync(As("inconnu"))).To);
        var buyer = await fixture.SignInAsync(As("acheteurs"));
        Assert.Equal(("/mon-espace", "{buyer}"), (buyer.To, await RolesAsync(email)));
        Assert.Equal(200, await fixture.PageAsync("/pilotage", buyer.Session!));

        Assert.Equal("/mon-espace", (await fixture.SignInAsync(As("direction", "inconnu"))).To);
        Assert.Equal("{admin,finance}", await RolesAsync(email));
        Assert.Equal(302, await fixture.PageAsync("/mon-espace", buyer.Session!));

        Assert.Equal("/connexion?refus=openid-no-role", (await fixture.SignInAsync(As())).To);
        Assert.Equal("{}", await RolesAsync(email));
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(As("acheteurs"))).To);
        var id = await AccountAsync<Guid>("id", email);
        Assert.Equal(["admin,finance", "", "buyer"], (await Gateway.FactsAsync<RolesChanged>(id)).Select(f => string.Join(',', f.To)));
    }

    [Fact]
    public async Task a_staff_account_of_the_provider_follows_its_email_to_another_subject_and_gets_no_password_by_mail()
    {
        var email = GatewayFixture.NewEmail();
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(fixture.Tells(fixture.Claims(email: email, roles: "acheteurs")))).To);
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(fixture.Tells(fixture.Claims(email: email, roles: "acheteurs")))).To);
        var unverified = fixture.Claims(email: email, roles: "acheteurs");
        unverified["email_verified"] = false;
        Assert.Equal("/connexion?refus=openid-identity-changed", (await fixture.SignInAsync(fixture.Tells(unverified))).To);

        await Gateway.PostAsync("/api/auth/password-reset", new { email }, null);
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        for (var i = 0; i < 100 && await db.ExecuteScalarAsync<bool>("select exists (select from password_reset where send_at is not null)"); i++)
        {
            await Task.Delay(50);
        }

        Assert.False(await db.ExecuteScalarAsync<bool>("select exists (select from password_reset where email_key = @email)", new { email }));
    }

    [Fact]
    public async Task a_closed_account_stays_out()
    {
        var email = GatewayFixture.NewEmail();
        var claims = fixture.Claims(email: email, roles: "acheteurs");
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(fixture.Tells(claims))).To);
        var id = await AccountAsync<Guid>("id", email);
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync($"/api/auth/staff/{id}/disable", null, Gateway.Identity.Staff("admin"))).Status);
        Assert.Equal("/connexion?refus=account-disabled", (await fixture.SignInAsync(fixture.Tells(claims))).To);
        Assert.Equal(["disabled"], (await Gateway.FactsAsync<SignInFailed>(id)).Select(f => f.Reason));
        claims["sub"] = "a-new-subject";
        Assert.Equal("/connexion?refus=account-disabled", (await fixture.SignInAsync(fixture.Tells(claims))).To);
    }

    [Fact]
    public async Task only_who_works_for_the_town_becomes_staff_where_that_is_asked()
    {
        var town = TestOrganisation.New().Siret;
        await using var gateway = await fixture.StartAsync(new() { ["OpenIdConnect__StaffSirets"] = town, ["Accounts__StaffTwoFactor"] = "required" });
        async Task<string> ToAsync(string siret, string acr)
        {
            var claims = fixture.Claims(siret: siret, roles: "acheteurs");
            claims["acr"] = acr;
            return (await fixture.SignInAsync(fixture.Tells(claims), "", gateway)).To;
        }

        Assert.Equal("/connexion/premiere-fois", await ToAsync(TestOrganisation.New().Siret, "eidas2"));
        Assert.Equal("/connexion?refus=openid-second-factor", await ToAsync(town, "eidas1"));
        Assert.Equal("/mon-espace", await ToAsync(town, "eidas2"));
    }

    [Fact]
    public async Task a_code_is_asked_for_unless_the_provider_asked_for_two_factors()
    {
        var email = GatewayFixture.NewEmail();
        Assert.Equal(HttpStatusCode.Created, (await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, password: Password), null)).Status);
        var token = (await Gateway.PostAsync("/api/auth/token", new { email, password = Password }, null)).Body.GetProperty("accessToken").GetString();
        var secret = (await Gateway.PostAsync("/api/auth/totp", new { currentPassword = Password }, token)).Body.GetProperty("secret").GetString()!;
        var (bytes, step) = (TwoFactorTests.Decode(secret), TwoFactor.Totp.StepAt(DateTimeOffset.UtcNow));
        var codes = (await Gateway.PostAsync("/api/auth/totp/confirmation", new { code = TwoFactor.Totp.CodeAt(bytes, step) }, token)).Body.GetProperty("recoveryCodes");

        var claims = fixture.Claims(email: email);
        var ticket = await TicketAsync(fixture.Tells(claims));
        Assert.Equal("code-required", (await Gateway.PostAsync("/api/auth/openid/token", new { ticket, password = Password }, null)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.PostAsync("/api/auth/openid/token", new { ticket, password = Password, code = codes[0].GetString() }, null)).Status);

        ticket = await TicketAsync(fixture.Tells(claims));
        Assert.Equal("code", (await Gateway.PostAsync("/api/auth/openid/pending", new { ticket }, null)).Body.GetProperty("step").GetString());
        Assert.Equal("wrong-code", (await Gateway.PostAsync("/api/auth/openid/token", new { ticket, code = "000000x" }, null)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.PostAsync("/api/auth/openid/token", new { ticket, code = codes[1].GetString() }, null)).Status);

        claims["amr"] = new[] { "pwd", "mfa" };
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(fixture.Tells(claims))).To);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{ "ticket": "" }""")]
    [InlineData("""{ "ticket": 7 }""")]
    public async Task a_body_without_ticket_is_told_so(string body)
    {
        foreach (var path in new[] { "pending", "token", "registration" })
        {
            Assert.Equal("invalid-input", (await Gateway.PostAsync($"/api/auth/openid/{path}", body, null)).Problem);
        }
    }

    [Fact]
    public async Task neither_tickets_nor_tokens_of_the_provider_are_stored_as_they_are()
    {
        var claims = fixture.Claims(roles: "acheteurs");
        string? idToken = null;
        Assert.Equal("/mon-espace", (await fixture.SignInAsync(new Says(nonce => idToken = fixture.Provider.Sign(new(claims) { ["nonce"] = nonce }), $$"""{ "sub": "{{claims["sub"]}}" }"""))).To);
        var ticket = await TicketAsync(fixture.Tells(fixture.Claims(siret: TestOrganisation.New().Siret)));
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        var stored = await db.QueryAsync<string>("select encode(id_token, 'escape') from session where id_token is not null union all select encode(told, 'escape') || encode(ticket_hash, 'escape') from external_sign_in where told is not null union all select f::text from fact f");
        Assert.DoesNotContain(stored, s => s.Contains(idToken![..40], StringComparison.Ordinal) || s.Contains(ticket, StringComparison.Ordinal) || s.Contains("email_verified", StringComparison.Ordinal));
        Assert.DoesNotContain(idToken!, Gateway.Output, StringComparison.Ordinal);
    }

    /// <summary>The ticket of a sign-in that waits, as the page for first times reads it from its cookie.</summary>
    private async Task<string> TicketAsync(Says says)
    {
        var arrival = await fixture.SignInAsync(says);
        Assert.Equal("/connexion/premiere-fois", arrival.To);
        return fixture.Open(arrival.Ticket!);
    }

    private Task<HttpAnswer> RegisterAsync(string ticket, string? siret = null) => Gateway.PostAsync(
        "/api/auth/openid/registration", new { ticket, displayName = "Awa Diop", organisation = new { kind = "business", name = "Boulangerie Diop", siret, headcount = 4, departement = "62" } }, null);

    private Task<string?> RolesAsync(string email) => AccountAsync<string>("roles::text", email);

    private async Task<T?> AccountAsync<T>(string column, string email)
    {
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        return await db.ExecuteScalarAsync<T>($"select {column} from account where email_key = @email", new { email });
    }
}
