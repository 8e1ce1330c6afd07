using System.Net;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;

namespace Marketplace.Accreditation.Tests.Register;

/// <summary>Moves the clock, so each test has a service of its own.</summary>
public sealed class Expiry(TestPostgres postgres)
{
    [Fact]
    public async Task an_accreditation_active_or_suspended_expires_thirty_days_after_a_mandatory_document_and_others_are_told_once()
    {
        await using var service = new AccreditationService(postgres);
        await service.InitializeAsync();
        var assessor = service.Identity.Staff("assessor");
        var today = DateOnly.FromDateTime(DateTime.UtcNow);
        var query = $"?expiresOn={today.AddDays(10):yyyy-MM-dd}";
        var active = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: query);
        var suspended = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: query);
        await service.PostAsync($"/accreditations/{suspended}/suspend", new { reason = "contrôle" }, assessor);
        var withdrawn = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: query);
        await service.PostAsync($"/accreditations/{withdrawn}/withdraw", new { reason = "fraude" }, assessor);
        var longer = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: $"?expiresOn={today.AddDays(11):yyyy-MM-dd}");
        async Task<string?> StatusAsync(Guid id) => (await service.GetAsync($"/accreditations/{id}")).Body.GetProperty("status").GetString();
        var end = today.AddDays(40).ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        Assert.Equal(end, (await service.GetAsync($"/accreditations/{active}")).Body.GetProperty("validUntil").GetDateTime().ToUniversalTime());

        await service.Process.AdvanceClockAsync(end - DateTime.UtcNow - TimeSpan.FromMinutes(2));
        Assert.Equal("active", await StatusAsync(active));

        await service.Process.AdvanceClockAsync(TimeSpan.FromMinutes(3));
        await service.Process.AdvanceClockAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("expired expired withdrawn active", $"{await StatusAsync(active)} {await StatusAsync(suspended)} {await StatusAsync(withdrawn)} {await StatusAsync(longer)}");
        Assert.Equal(["active", "expired"], (await service.Process.FactsAsync<AccreditationStatusChanged>(active)).Select(f => f.Status));
        Assert.Equal(["active", "suspended", "expired"], (await service.Process.FactsAsync<AccreditationStatusChanged>(suspended)).Select(f => f.Status));

        var reinstated = await service.PostAsync($"/accreditations/{suspended}/reinstate", new { reason = "r" }, assessor);
        Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), (reinstated.Status, reinstated.Problem));
    }

    [Fact]
    public async Task two_instances_expire_what_fell_due_during_an_outage_once_each()
    {
        await using var service = new AccreditationService(postgres);
        await service.InitializeAsync();
        List<Guid> ids = [];
        for (var i = 0; i < 5; i++)
        {
            ids.Add(await service.GrantAsync(service.Identity.Provider(TestOrganisation.New())));
        }

        await service.Process.KillAsync();
        await using var first = await ServiceProcess.StartAsync("services/Accreditation", service.Process.ConnectionString, service.Identity);
        await using var second = await ServiceProcess.StartAsync("services/Accreditation", service.Process.ConnectionString, service.Identity);
        await Task.WhenAll(first.AdvanceClockAsync(TimeSpan.FromDays(800)), second.AdvanceClockAsync(TimeSpan.FromDays(800)));

        foreach (var id in ids)
        {
            Assert.Equal(["active", "expired"], (await first.FactsAsync<AccreditationStatusChanged>(id)).Select(f => f.Status));
        }
    }

    [Fact]
    public async Task documents_that_ended_meanwhile_have_to_be_renewed_before_submission_and_before_a_grant()
    {
        await using var service = new AccreditationService(postgres);
        await service.InitializeAsync();
        var provider = service.Identity.Provider(TestOrganisation.New());
        var query = $"?expiresOn={DateTime.UtcNow.AddDays(1):yyyy-MM-dd}";
        var draft = await service.OpenAsync(provider);
        await service.UploadAsync(draft, "kbis-extract", provider, query: query);
        await service.UploadAsync(draft, "liability-insurance", provider);
        var review = await service.ReachReviewAsync(provider, query: query);

        await service.Process.AdvanceClockAsync(TimeSpan.FromDays(32));

        var submitted = await service.PostAsync($"/applications/{draft}/submit", null, provider);
        Assert.Equal("evidence-missing", submitted.Problem);
        Assert.Equal(["kbis-extract"], submitted.Body.GetProperty("keys").EnumerateArray().Select(k => k.GetString()));
        Assert.Equal("evidence-expired", (await service.DecideAsync(review, service.Identity.Staff("assessor"))).Problem);
        Assert.Empty((await service.GetAsync("/accreditations")).Body.GetProperty("items").EnumerateArray());
    }
}
