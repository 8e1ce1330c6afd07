using System.Net;
using System.Text.Json;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;

namespace Marketplace.Accreditation.Tests.Applications;

/// <summary>Where a provider is paid: told with the application, looked at by the assessors, passed on with the accreditation, never public.</summary>
[Collection(SharedService.Name)]
public sealed class BankAccount(AccreditationService service)
{
    private const string First = "FR7630001007941234567890185";
    private const string Second = "FR1420041010050500013M02606";

    private readonly TestOrganisation organisation = TestOrganisation.New(name: "Artois Cyber Services") with { Iban = First };

    private string Assessor => service.Identity.Staff("assessor");

    [Fact]
    public async Task it_is_shown_to_the_provider_and_the_assessors_and_told_to_those_who_pay_but_not_to_the_public()
    {
        var provider = service.Identity.Provider(organisation);
        var id = await service.ReachReviewAsync(provider);
        Assert.Equal(First, Iban((await service.GetAsync($"/applications/{id}", provider)).Body));
        Assert.Equal(First, Iban((await service.GetAsync($"/applications/{id}", Assessor)).Body));
        var history = (await service.GetAsync($"/applications/{id}/history", Assessor)).Body.GetRawText();
        Assert.Contains("\"ibanEnding\":\"0185\"", history, StringComparison.Ordinal);
        Assert.DoesNotContain(First, history, StringComparison.Ordinal);

        var decided = await service.DecideAsync(id, Assessor);

        var accreditation = decided.Body.GetProperty("accreditationId").GetGuid();
        await service.PostAsync($"/accreditations/{accreditation}/suspend", new { reason = "contrôle" }, Assessor);
        Assert.Equal([First, First], (await service.Process.FactsAsync<AccreditationStatusChanged>(accreditation)).Select(f => f.Iban));
        foreach (var token in new[] { null, provider, Assessor })
        {
            foreach (var path in new[] { $"/accreditations/{accreditation}", $"/accreditations?providerId={organisation.Id}" })
            {
                var answer = await service.GetAsync(path, token);
                Assert.Equal(HttpStatusCode.OK, answer.Status);
                Assert.DoesNotContain("iban", answer.Body.GetRawText(), StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain(First, answer.Body.GetRawText(), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task a_provider_without_one_may_apply()
    {
        var accreditation = await service.GrantAsync(service.Identity.Provider(organisation with { Iban = null }));

        Assert.Null(Assert.Single(await service.Process.FactsAsync<AccreditationStatusChanged>(accreditation)).Iban);
    }

    [Fact]
    public async Task it_is_the_one_of_the_last_submission_and_no_later_one()
    {
        var id = await service.SubmitAsync(service.Identity.Provider(organisation));
        await service.PostAsync($"/applications/{id}/return", new { reason = "RIB illisible" }, Assessor);
        var changed = service.Identity.Provider(organisation with { Iban = Second });
        Assert.Equal(First, Iban((await service.GetAsync($"/applications/{id}", changed)).Body));
        Assert.Equal(Second, Iban((await service.PostAsync($"/applications/{id}/submit", null, changed)).Body));

        await service.EvaluateAsync(id, Assessor);
        var decided = await service.DecideAsync(id, Assessor);

        var facts = await service.Process.FactsAsync<AccreditationStatusChanged>(decided.Body.GetProperty("accreditationId").GetGuid());
        Assert.Equal(Second, Assert.Single(facts).Iban);
    }

    private static string? Iban(JsonElement application) => application.GetProperty("iban").GetString();
}
