using System.Net;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class AccountTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";

    private ServiceProcess Gateway => fixture.Gateway;

    [Theory]
    [InlineData("business")]
    [InlineData("provider")]
    public async Task an_organisation_registers_signs_in_and_sees_itself(string kind)
    {
        var (email, siret) = ("Awa." + GatewayFixture.NewEmail(), TestOrganisation.New().Siret);
        var registered = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, $"{siret[..3]} {siret[3..6]} {siret[6..9]} {siret[9..]}", kind), null);
        Assert.Equal(HttpStatusCode.Created, registered.Status);

        var answer = await Gateway.PostAsync("/api/auth/token", new { email = email.ToUpperInvariant(), password = Password }, null);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal("Bearer", answer.Body.GetProperty("tokenType").GetString());
        Assert.Equal(28_800, answer.Body.GetProperty("expiresIn").GetInt32());
        Assert.Equal("no-store", answer.Headers.CacheControl?.ToString());

        var me = (await Gateway.GetAsync("/api/auth/me", answer.Body.GetProperty("accessToken").GetString())).Body;
        Assert.Equal(registered.Body.GetProperty("userId").GetGuid(), me.GetProperty("userId").GetGuid());
        Assert.Equal(email, me.GetProperty("email").GetString());
        Assert.Equal([kind], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        var organisation = me.GetProperty("organisation");
        Assert.Equal(registered.Body.GetProperty("organisationId").GetGuid(), organisation.GetProperty("id").GetGuid());
        Assert.Equal(siret, organisation.GetProperty("siret").GetString());
        Assert.Equal("FR1420041010050500013M02606", organisation.GetProperty("iban").GetString());
        Assert.False(me.TryGetProperty("passwordHash", out _));
    }

    [Fact]
    public async Task a_token_tells_services_what_they_need_and_lives_eight_hours_of_real_time()
    {
        var (email, siret) = (GatewayFixture.NewEmail(), TestOrganisation.New().Siret);
        var registered = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, siret), null);
        var token = new JsonWebToken(await fixture.SignInAsync(email, Password));
        Assert.Equal("RS256", token.Alg);
        Assert.Equal("marketplace", token.Issuer);
        Assert.Equal(registered.Body.GetProperty("organisationId").GetString(), token.GetClaim(ClaimNames.OrganisationId).Value);
        Assert.Equal(siret, token.GetClaim(ClaimNames.Siret).Value);
        Assert.Equal("62", token.GetClaim(ClaimNames.Departement).Value);
        Assert.Equal("4", token.GetClaim(ClaimNames.Headcount).Value);
        Assert.Equal("35000000", token.GetClaim(ClaimNames.TurnoverCents).Value);
        Assert.Equal("Boulangerie Diop", token.GetClaim(ClaimNames.OrganisationName).Value);
        Assert.InRange(token.ValidTo - DateTime.UtcNow, TimeSpan.FromHours(7.9), TimeSpan.FromHours(8));
    }

    [Fact]
    public async Task the_administrator_gives_staff_their_accounts()
    {
        var admin = await fixture.SignInAsync(GatewayFixture.AdminEmail, GatewayFixture.AdminPassword);
        var email = GatewayFixture.NewEmail();
        var body = new { email, password = Password, displayName = "Finance", roles = new[] { "finance", "assessor" } };
        Assert.Equal(HttpStatusCode.Created, (await Gateway.PostAsync("/api/auth/staff", body, admin)).Status);
        Assert.Equal("email-taken", (await Gateway.PostAsync("/api/auth/staff", body, admin)).Problem);

        var me = (await Gateway.GetAsync("/api/auth/me", await fixture.SignInAsync(email, Password))).Body;
        Assert.Equal(["finance", "assessor"], me.GetProperty("roles").EnumerateArray().Select(r => r.GetString()));
        Assert.Equal(JsonValueKind.Null, me.GetProperty("organisation").ValueKind);
    }

    [Fact]
    public async Task only_the_administrator_does_so()
    {
        var body = new { email = GatewayFixture.NewEmail(), password = Password, displayName = "X", roles = new[] { "admin" } };
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.PostAsync("/api/auth/staff", body, null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.PostAsync("/api/auth/staff", body, new TestIdentity().Staff("admin"))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Gateway.PostAsync("/api/auth/staff", body, Gateway.Identity.Staff("finance", "buyer"))).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/me")).Status);
    }

    [Fact]
    public async Task email_and_siret_are_taken_once()
    {
        var (email, siret) = (GatewayFixture.NewEmail(), TestOrganisation.New().Siret);
        Assert.Equal(HttpStatusCode.Created, (await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, siret), null)).Status);
        var sameEmail = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email.ToUpperInvariant()), null);
        Assert.Equal((HttpStatusCode.Conflict, "email-taken"), (sameEmail.Status, sameEmail.Problem));
        var sameSiret = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(siret: siret), null);
        Assert.Equal((HttpStatusCode.Conflict, "siret-taken"), (sameSiret.Status, sameSiret.Problem));
    }

    [Fact]
    public async Task of_several_that_register_the_same_at_once_one_succeeds_and_the_others_are_told()
    {
        var (email, siret) = (GatewayFixture.NewEmail(), TestOrganisation.New().Siret);
        var sameSiret = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(siret: siret), null)));
        Assert.Single(sameSiret, a => a.Status == HttpStatusCode.Created);
        Assert.Equal(5, sameSiret.Count(a => a.Problem == "siret-taken"));
        var sameEmail = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email), null)));
        Assert.Single(sameEmail, a => a.Status == HttpStatusCode.Created);
        Assert.Equal(5, sameEmail.Count(a => a.Problem == "email-taken"));
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        Assert.Equal(0, await db.ExecuteScalarAsync<long>("select count(*) from organisation o where not exists (select from account a where a.organisation_id = o.id)"));
    }

    [Fact]
    public async Task the_same_key_answers_the_first_answer_and_another_password_is_another_request()
    {
        var (key, body) = (Guid.NewGuid().ToString(), GatewayFixture.Registration());
        var first = await Gateway.PostAsync("/api/auth/register", body, null, key);
        var again = await Gateway.PostAsync("/api/auth/register", body, null, key);
        Assert.Equal(HttpStatusCode.Created, again.Status);
        Assert.Equal(first.Body.GetProperty("userId").GetGuid(), again.Body.GetProperty("userId").GetGuid());
        Assert.Equal(["true"], again.Headers.GetValues("Idempotency-Replayed"));
        var other = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Changed(body, "password", "une-Autre-phrase-8"), null, key);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), (other.Status, other.Problem));
    }

    [Fact]
    public async Task a_password_is_stored_only_as_its_hash()
    {
        await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(password: "parole-Unique-4711"), null, Guid.NewGuid().ToString());
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        var all = await db.QueryAsync<string>("select a::text from account a union all select o::text from organisation o union all select f::text from fact f union all select convert_from(body, 'UTF8') from idempotency where body is not null");
        Assert.DoesNotContain(all, row => row.Contains("parole-Unique", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("parole-Unique", Gateway.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task a_second_start_leaves_the_administrator_as_it_is()
    {
        await using var second = await fixture.StartAsync([], Gateway.ConnectionString, Gateway.Identity);
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        Assert.Equal(1, await db.ExecuteScalarAsync<long>("select count(*) from account where email_key = @AdminEmail", new { GatewayFixture.AdminEmail }));
        Assert.Equal(HttpStatusCode.OK, (await second.PostAsync("/api/auth/token", new { email = GatewayFixture.AdminEmail, password = GatewayFixture.AdminPassword }, null)).Status);
    }
}
