using System.Net;
using Marketplace.Platform.Identity;
using Marketplace.Subsidies.Payees;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.PaymentRuns;

/// <summary>Whom aid is paid to, and on which account.</summary>
[Collection(SharedPayingService.Name)]
public sealed class Payees(PayingService paying)
{
    private ServiceProcess Service => paying.Process;

    [Fact]
    public async Task accreditations_come_to_the_same_payee_in_any_order()
    {
        var (older, younger) = (TestProvider.RandomIban(), TestProvider.RandomIban());
        var start = DateTime.UtcNow.AddDays(-10);
        foreach (var order in Permutations([0, 1, 2, 3]))
        {
            var provider = TestProvider.New();
            var first = provider.Accredited(1, start) with { Iban = older };
            var second = provider.Accredited(1, start.AddDays(1)) with { Iban = younger, ProviderName = "Second name" };
            var suspended = first with { Version = 2, Status = "suspended", ChangedAt = start.AddDays(2), ProviderName = "Third name" };
            var without = provider.Accredited(1, start.AddDays(3)) with { Iban = null, ProviderName = "Last name" };
            object[] facts = [first, second, suspended, without];

            foreach (var i in order)
            {
                Assert.Equal(HttpStatusCode.OK, await Service.DeliverAsync(facts[i]));
                Assert.Equal(HttpStatusCode.OK, await Service.DeliverAsync(facts[i]));
            }

            var payee = await PayeeAsync(provider.Id);
            Assert.Equal((younger, "Last name", provider.Organisation.Siret), (payee!.Iban, payee.Name, payee.Siret));
        }
    }

    [Fact]
    public async Task an_account_that_is_none_is_not_taken_from_an_accreditation()
    {
        var provider = TestProvider.New();
        Assert.Equal(HttpStatusCode.OK, await Service.DeliverAsync(provider.Accredited() with { Iban = "FR7700000000000000000000000" }));
        Assert.Null((await PayeeAsync(provider.Id))!.Iban);
    }

    [Fact]
    public async Task finance_and_the_provider_itself_set_an_account_that_accreditations_no_longer_change()
    {
        var provider = TestProvider.New();
        await Service.DeliverAsync(provider.Accredited());
        var (byFinance, byProvider) = (TestProvider.RandomIban(), TestProvider.RandomIban());

        var first = await PutAsync(provider.Id, byFinance.Insert(4, " ").ToLowerInvariant(), paying.Finance);
        Assert.Equal((HttpStatusCode.OK, byFinance, 2), (first.Status, first.Body.Text("iban"), first.Body.GetProperty("version").GetInt32()));
        var second = await PutAsync(provider.Id, byProvider, Service.Identity.Provider(provider.Organisation), "\"2\"");
        Assert.Equal(HttpStatusCode.OK, second.Status);
        Assert.Equal("\"3\"", second.Headers.ETag!.Tag);
        await Service.DeliverAsync(provider.Accredited() with { Iban = TestProvider.RandomIban() });

        Assert.Equal(byProvider, (await PayeeAsync(provider.Id))!.Iban);
        var told = await Service.FactsAsync<PayeeAccountSet>(provider.Id);
        Assert.Equal([(byFinance[^4..], 2), (byProvider[^4..], 3)], told.Select(f => (f.IbanEnding, f.Version)));
    }

    [Fact]
    public async Task a_provider_may_set_its_account_before_its_accreditation_is_known()
    {
        var provider = TestProvider.New();
        var iban = TestProvider.RandomIban();
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(provider.Id, iban, paying.Finance)).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(provider.Id, iban, Service.Identity.Provider(provider.Organisation), "\"1\"")).Status);
        Assert.Equal(HttpStatusCode.OK, (await PutAsync(provider.Id, iban, Service.Identity.Provider(provider.Organisation))).Status);
        await Service.DeliverAsync(provider.Accredited() with { ProviderName = "Accredited name" });

        var payee = await PayeeAsync(provider.Id);
        Assert.Equal((iban, "Accredited name"), (payee!.Iban, payee.Name));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("FR1420041010050500013M02607")]
    [InlineData("FR14 2004 1010 0505 0001 3M02 60")]
    [InlineData("not an iban")]
    [InlineData("FR1420041010050500013M02606FR1420041010050500013M02606FR1420041010050500013M02606")]
    public async Task an_account_that_fails_its_check_is_refused(string? iban)
    {
        var provider = TestProvider.New();
        await Service.DeliverAsync(provider.Accredited());
        var refused = await PutAsync(provider.Id, iban, paying.Finance);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (refused.Status, refused.Problem));
        Assert.True(refused.Body.GetProperty("errors").TryGetProperty("iban", out _));
        Assert.Equal(provider.Iban, (await PayeeAsync(provider.Id))!.Iban);
    }

    [Fact]
    public async Task nobody_else_sets_an_account_and_a_stale_version_is_told()
    {
        var provider = TestProvider.New();
        await Service.DeliverAsync(provider.Accredited());
        var iban = TestProvider.RandomIban();

        Assert.Equal(HttpStatusCode.Unauthorized, (await PutAsync(provider.Id, iban, null)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(provider.Id, iban, Service.Identity.Staff(Roles.Buyer, Roles.Admin))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await PutAsync(provider.Id, iban, Service.Identity.Business(TestOrganisation.New()))).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await PutAsync(provider.Id, iban, Service.Identity.Provider(TestOrganisation.New()))).Status);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await PutAsync(provider.Id, iban, paying.Finance, "\"7\"")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Service.GetAsync("/api/subsidies/payees", Service.Identity.Provider(provider.Organisation))).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await Service.SendAsync(HttpMethod.Put, $"/api/subsidies/payees/{provider.Id}", "null", paying.Finance)).Status);
        Assert.Equal(provider.Iban, (await PayeeAsync(provider.Id))!.Iban);
    }

    private Task<HttpAnswer> PutAsync(Guid provider, string? iban, string? token, string? ifMatch = null) =>
        Service.SendAsync(HttpMethod.Put, $"/api/subsidies/payees/{provider}", new { iban }, token, ifMatch: ifMatch);

    private async Task<Payee?> PayeeAsync(Guid provider)
    {
        for (string? cursor = null; ;)
        {
            var page = (await Service.GetAsync($"/api/subsidies/payees?limit=20{(cursor is null ? "" : $"&cursor={cursor}")}", paying.Finance)).Body;
            foreach (var p in page.GetProperty("items").EnumerateArray().Where(p => p.GetProperty("providerId").GetGuid() == provider))
            {
                return new Payee(provider, p.Text("name"), p.GetProperty("siret").GetString(), p.GetProperty("iban").GetString(), p.GetProperty("version").GetInt32());
            }

            cursor = page.GetProperty("nextCursor").GetString();
            if (cursor is null)
            {
                return null;
            }
        }
    }

    private static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1
        ? [items]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (int[])[item, .. rest]));
}
