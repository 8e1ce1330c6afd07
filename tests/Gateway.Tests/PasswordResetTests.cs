using System.Net;
using System.Text.RegularExpressions;
using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed partial class PasswordResetTests(GatewayFixture fixture)
{
    private const string Old = "une-Longue-phrase-7";
    private const string New = "une-Autre-phrase-8";

    private ServiceProcess Gateway => fixture.Gateway;

    [Fact]
    public async Task a_link_sets_a_new_password_once_and_ends_every_session()
    {
        var (email, userId) = await fixture.RegisterAsync(Old);
        var session = await fixture.SignInAsync(email, Old);
        var token = await AskAsync(email);

        Assert.Equal(HttpStatusCode.NoContent, (await SetAsync(token, New)).Status);
        Assert.Equal("link-not-valid", (await SetAsync(token, "une-Troisieme-phrase-9")).Problem);

        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/me", session)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SignInAsync(email, Old)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(email, New)).Status);
        Assert.True(Assert.Single(await Gateway.FactsAsync<PasswordChanged>(userId)).ByLink);
        Assert.Single(await Gateway.FactsAsync<PasswordResetSent>(userId));
    }

    [Fact]
    public async Task a_link_is_good_for_an_hour_and_until_the_next_one()
    {
        var (email, _) = await fixture.RegisterAsync(Old);
        var first = await AskAsync(email);
        var second = await AskAsync(email);
        Assert.Equal("link-not-valid", (await SetAsync(first, New)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await Gateway.PostAsync("/api/local/clock", new { advance = "PT1H" }, Gateway.Identity.Staff("admin"))).Status);
        Assert.Equal("link-not-valid", (await SetAsync(second, New)).Problem);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(email, Old)).Status);
    }

    [Fact]
    public async Task of_two_that_use_a_link_at_once_one_succeeds()
    {
        var (email, _) = await fixture.RegisterAsync(Old);
        var token = await AskAsync(email);
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => SetAsync(token, $"{New}-{n}")));
        Assert.Single(answers, a => a.Status == HttpStatusCode.NoContent);
        Assert.Equal(3, answers.Count(a => a.Problem == "link-not-valid"));
    }

    [Fact]
    public async Task an_unknown_email_is_answered_the_same_and_forgotten()
    {
        var email = GatewayFixture.NewEmail();
        var answer = await Gateway.PostAsync("/api/auth/password-reset", new { email }, null);
        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        await EventuallyAsync(async () => await db.ExecuteScalarAsync<long>("select count(*) from password_reset where email_key = @email", new { email }) == 0);
        Assert.DoesNotContain(email, Gateway.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_token_is_stored_only_as_its_hash()
    {
        var (email, _) = await fixture.RegisterAsync(Old);
        var token = await AskAsync(email);
        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        var rows = await db.QueryAsync<string>("select p::text from password_reset p union all select f::text from fact f");
        Assert.DoesNotContain(rows, r => r.Contains(token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task nobody_is_sent_more_than_five_links_an_hour()
    {
        var (email, userId) = await fixture.RegisterAsync(Old);
        for (var i = 0; i < 7; i++)
        {
            await Gateway.PostAsync("/api/auth/password-reset", new { email }, null);
        }

        await using var db = new NpgsqlConnection(Gateway.ConnectionString);
        await EventuallyAsync(async () => await db.ExecuteScalarAsync<long>("select count(*) from password_reset where email_key = @email and send_at is not null", new { email }) == 0);
        Assert.Equal(5, (await Gateway.FactsAsync<PasswordResetSent>(userId)).Count);
    }

    [Fact]
    public async Task a_signed_in_user_changes_it_with_the_present_one_and_the_other_sessions_end()
    {
        var (email, _) = await fixture.RegisterAsync(Old);
        var (here, there) = (await fixture.SignInAsync(email, Old), await fixture.SignInAsync(email, Old));

        var wrong = await Gateway.PostAsync("/api/auth/password", new { currentPassword = New, password = New }, here);
        Assert.Equal(((HttpStatusCode)422, "wrong-password"), (wrong.Status, wrong.Problem));
        Assert.Equal(HttpStatusCode.NoContent, (await Gateway.PostAsync("/api/auth/password", new { currentPassword = Old, password = New }, here)).Status);

        Assert.Equal(HttpStatusCode.OK, (await Gateway.GetAsync("/api/auth/me", here)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.GetAsync("/api/auth/me", there)).Status);
        Assert.Equal(HttpStatusCode.OK, (await SignInAsync(email, New)).Status);
    }

    [Fact]
    public async Task guesses_at_the_present_password_are_counted_like_those_at_the_sign_in()
    {
        var (email, _) = await fixture.RegisterAsync(Old);
        var token = await fixture.SignInAsync(email, Old);
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal("wrong-password", (await Gateway.PostAsync("/api/auth/password", new { currentPassword = $"faux-{i}", password = New }, token)).Problem);
        }

        Assert.Equal("too-many-attempts", (await Gateway.PostAsync("/api/auth/password", new { currentPassword = Old, password = New }, token)).Problem);
        Assert.Equal("too-many-attempts", (await SignInAsync(email, Old)).Problem);
    }

    [Theory]
    [InlineData("""{"token": "abc", "password": "court"}""", "password")]
    [InlineData("""{"token": "abc", "currentPassword": "x", "password": "une-Autre-phrase-8"}""", "token")]
    [InlineData("""{"password": "une-Autre-phrase-8"}""", "token")]
    [InlineData("""{"token": 5, "password": "une-Autre-phrase-8"}""", "token")]
    public async Task a_wrong_field_is_named(string body, string field)
    {
        var answer = await Gateway.PostAsync("/api/auth/password", body, null);
        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == field);
    }

    [Fact]
    public async Task without_a_session_the_present_password_opens_nothing() =>
        Assert.Equal(HttpStatusCode.Unauthorized, (await Gateway.PostAsync("/api/auth/password", new { currentPassword = Old, password = New }, null)).Status);

    private async Task<string> AskAsync(string email)
    {
        var before = Tokens(email).Count;
        Assert.Equal(HttpStatusCode.Accepted, (await Gateway.PostAsync("/api/auth/password-reset", new { email = email.ToUpperInvariant() }, null)).Status);
        await EventuallyAsync(() => Task.FromResult(Tokens(email).Count > before));
        return Tokens(email)[^1];
    }

    /// <summary>The tokens of the letters on the console, oldest first.</summary>
    private List<string> Tokens(string email) => Gateway.Output.Split(email + ": ").Skip(1).Select(l => Link().Match(l)).Where(m => m.Success).Select(m => m.Groups[1].Value).ToList();

    private Task<HttpAnswer> SetAsync(string token, string password) => Gateway.PostAsync("/api/auth/password", new { token, password }, null);

    private Task<HttpAnswer> SignInAsync(string email, string password) => Gateway.PostAsync("/api/auth/token", new { email, password }, null);

    private static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        for (var i = 0; i < 200 && !await holds(); i++)
        {
            await Task.Delay(50);
        }

        Assert.True(await holds());
    }

    [GeneratedRegex(@"mail> http\S+/nouveau-mot-de-passe\?jeton=([\w-]{43})")]
    private static partial Regex Link();
}
