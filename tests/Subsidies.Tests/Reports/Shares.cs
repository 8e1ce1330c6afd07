using System.Net;
using System.Text.Json;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Reports;

/// <summary>What the funders owe and paid each provider, and since when; on a service of its own, whose clock is moved.</summary>
public sealed class AgeingShares(TestPostgres postgres)
{
    [Fact]
    public async Task what_is_owed_ages_until_it_is_paid()
    {
        await using var service = await ServiceProcess.StartAsync("services/Subsidies", await postgres.NewDatabaseAsync(), settings: TownService.Settings);
        var finance = service.Identity.Staff(Roles.Finance);
        var (provider, other) = (TestProvider.New("Artois Cyber"), TestProvider.New("=Lys"));
        var first = await ServiceDone.OpenProgrammeAsync(service, ("name", "Premier"));
        await ServiceDone.DeliverAsync(service, first, provider, 100_00);
        await TownBank.PayAsync(service, await ServiceDone.ApprovedRunAsync(service, first));
        await ServiceDone.DeliverAsync(service, first, provider, 200_00);
        await ServiceDone.ApprovedRunAsync(service, first);
        await ServiceDone.DeliverAsync(service, first, provider, 400_00);
        await ServiceDone.DeliverAsync(service, first, other, 800_00);

        await AssertAgeAsync(0, fresh: 700_00, month: 0, twoMonths: 0, old: 0);
        await service.AdvanceClockAsync(TimeSpan.FromDays(30));
        await AssertAgeAsync(30, fresh: 700_00, month: 0, twoMonths: 0, old: 0);
        await service.AdvanceClockAsync(TimeSpan.FromDays(1));
        await AssertAgeAsync(31, fresh: 0, month: 700_00, twoMonths: 0, old: 0);
        await service.AdvanceClockAsync(TimeSpan.FromDays(30));
        await AssertAgeAsync(61, fresh: 0, month: 0, twoMonths: 700_00, old: 0);
        await service.AdvanceClockAsync(TimeSpan.FromDays(30));
        await AssertAgeAsync(91, fresh: 0, month: 0, twoMonths: 0, old: 700_00);

        var own = Assert.Single((await SharesAsync(service.Identity.Provider(provider.Organisation))).GetProperty("items").EnumerateArray());
        var share = own.GetProperty("share");
        Assert.Equal((provider.Id, "Artois Cyber", "Premier"), (own.GetProperty("providerId").GetGuid(), own.GetProperty("providerName").GetString(), own.GetProperty("programme").GetString()));
        Assert.Equal(
            (350_00, 200_00, 100_00, 300_00, 50_00, 0),
            (share.Cents("grantedCents"), share.Cents("dueCents"), share.Cents("inRunCents"), share.Cents("owedCents"), share.Cents("paidCents"), share.Cents("recoveredCents")));
        var rows = await TownService.OpenInFrenchAsync(service, "/api/subsidies/provider-shares?format=csv&culture=fr", finance);
        Assert.Equal(["'=Lys", "Artois Cyber"], rows.Select(r => r["Fournisseur"]).Order(StringComparer.Ordinal));
        Assert.Equal(("300,00", "300,00", $"{ServiceDone.Today:dd/MM/yyyy}"), rows.Where(r => r["Fournisseur"] == "Artois Cyber").Select(r => (r["Reste à payer"], r["En retard"], r["Plus ancien service fait"])).Single());

        async Task<JsonElement> SharesAsync(string token, string query = "")
        {
            var answer = await service.GetAsync($"/api/subsidies/provider-shares{query}", token);
            Assert.Equal(HttpStatusCode.OK, answer.Status);
            return answer.Body;
        }

        async Task AssertAgeAsync(int days, long fresh, long month, long twoMonths, long old)
        {
            var totals = (await SharesAsync(finance)).GetProperty("totals");
            Assert.Equal(
                (days, fresh, month, twoMonths, old, month + twoMonths + old, 700_00),
                (days, totals.Cents("days0To30Cents"), totals.Cents("days31To60Cents"), totals.Cents("days61To90Cents"), totals.Cents("daysOver90Cents"), totals.Cents("overdueCents"), totals.Cents("owedCents")));
        }
    }
}

/// <summary>Who may see them.</summary>
[Collection(SharedTown.Name)]
public sealed class OwnShares(TownService town)
{
    [Fact]
    public async Task a_provider_sees_its_own_shares_only()
    {
        var service = town.Process;
        var (provider, other) = (TestProvider.New(), TestProvider.New());
        var programme = await ServiceDone.OpenProgrammeAsync(service);
        await ServiceDone.DeliverAsync(service, programme, provider, 100_00);
        var token = service.Identity.Provider(other.Organisation);

        var own = (await service.GetAsync("/api/subsidies/provider-shares", token)).Body;
        Assert.Empty(own.GetProperty("items").EnumerateArray());
        Assert.Equal((0, JsonValueKind.Null), (own.GetProperty("totals").Cents("owedCents"), own.GetProperty("totals").GetProperty("oldestServiceDoneOn").ValueKind));
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/api/subsidies/provider-shares?providerId={provider.Id}", token)).Status);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync($"/api/subsidies/provider-shares?providerId={other.Id}", token)).Status);
        Assert.Single((await service.GetAsync($"/api/subsidies/provider-shares?providerId={provider.Id}&programmeId={programme}", service.Identity.Staff(Roles.Finance))).Body.GetProperty("items").EnumerateArray());
        foreach (var (someone, expected) in new[]
        {
            (service.Identity.Business(TestOrganisation.New()), HttpStatusCode.Forbidden),
            (service.Identity.Staff(Roles.Buyer), HttpStatusCode.Forbidden),
            (null, HttpStatusCode.Unauthorized),
        })
        {
            Assert.Equal(expected, (await service.GetAsync("/api/subsidies/provider-shares", someone)).Status);
        }

        foreach (var query in new[] { "providerId=x", "programmeId=x", "format=pdf", "culture=xx", "year=2026", "from=2026-01-01" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await service.GetAsync($"/api/subsidies/provider-shares?{query}", token)).Status);
        }
    }
}
