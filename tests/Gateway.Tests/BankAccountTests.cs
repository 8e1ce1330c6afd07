using System.Net;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Identity;
using Marketplace.Testing;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Marketplace.Gateway.Tests;

[Collection(nameof(GatewayFixture))]
public sealed class BankAccountTests(GatewayFixture fixture)
{
    private const string Password = "une-Longue-phrase-7";
    private const string First = "FR1420041010050500013M02606";
    private const string Second = "FR7630001007941234567890185";

    private readonly string email = GatewayFixture.NewEmail();

    private ServiceProcess Gateway => fixture.Gateway;

    [Theory]
    [InlineData("provider", true)]
    [InlineData("business", false)]
    public async Task tokens_carry_the_account_of_providers_and_of_nobody_else(string kind, bool isCarried)
    {
        await RegisterAsync(kind);

        Assert.Equal(isCarried ? [First] : [], await IbansOfNextTokenAsync());
    }

    [Fact]
    public async Task a_provider_changes_it_and_the_next_token_carries_the_new_one()
    {
        var organisation = await RegisterAsync("provider");
        var token = await fixture.SignInAsync(email, Password);

        foreach (var _ in new[] { "once", "again" })
        {
            var answer = await PutAsync(new { iban = "fr76 3000 1007 9412 3456 7890 185" }, token);
            Assert.Equal((HttpStatusCode.OK, Second), (answer.Status, answer.Body.GetProperty("iban").GetString()));
        }

        Assert.Equal([Second], await IbansOfNextTokenAsync());
        Assert.Equal(Second, (await Gateway.GetAsync("/api/auth/me", token)).Body.GetProperty("organisation").GetProperty("iban").GetString());
        Assert.Equal([new BankAccountChanged("0185", "2606")], await Gateway.FactsAsync<BankAccountChanged>(organisation));
    }

    [Fact]
    public async Task it_is_each_providers_own_affair()
    {
        var other = TestOrganisation.New();
        await RegisterAsync("provider");
        foreach (var (token, status) in new[]
        {
            (null, HttpStatusCode.Unauthorized),
            (Gateway.Identity.Business(other), HttpStatusCode.Forbidden),
            (Gateway.Identity.Staff("finance", "admin"), HttpStatusCode.Forbidden),
            (Gateway.Identity.Provider(other), HttpStatusCode.NotFound),
        })
        {
            Assert.Equal(status, (await PutAsync(new { iban = Second }, token)).Status);
        }

        Assert.Equal([First], await IbansOfNextTokenAsync());
    }

    [Theory]
    [InlineData("""{"iban": null}""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"iban": 5}""")]
    [InlineData("""{"iban": ""}""")]
    [InlineData("""{"iban": "FR7630001007941234567890186"}""")]
    [InlineData("""{"iban": "FR76 3000 1007 9412 3456 7890 185\u0000"}""")]
    [InlineData("""{"iban": "FR76 3000 1007 9412 3456 7890 185 and much more text than any bank account number ever had"}""")]
    public async Task a_wrong_one_is_400_and_the_account_stays(string body)
    {
        await RegisterAsync("provider");

        var answer = await PutAsync(body, await fixture.SignInAsync(email, Password));

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.Equal([First], await IbansOfNextTokenAsync());
    }

    private async Task<Guid> RegisterAsync(string kind)
    {
        var answer = await Gateway.PostAsync("/api/auth/register", GatewayFixture.Registration(email, kind: kind), null);
        Assert.Equal(HttpStatusCode.Created, answer.Status);
        return answer.Body.GetProperty("organisationId").GetGuid();
    }

    private Task<HttpAnswer> PutAsync(object body, string? token) => Gateway.SendAsync(HttpMethod.Put, "/api/auth/organisation/iban", body, token);

    private async Task<IEnumerable<string>> IbansOfNextTokenAsync() =>
        new JsonWebToken(await fixture.SignInAsync(email, Password)).Claims.Where(c => c.Type == ClaimNames.Iban).Select(c => c.Value);
}
