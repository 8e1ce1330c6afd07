using System.Net;
using Dapper;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;
using Npgsql;

namespace Marketplace.Accreditation.Tests.Register;

/// <summary>Moves the clock, so each test has a service of its own.</summary>
public sealed class Warnings(TestPostgres postgres)
{
    private static readonly DateTime Midnight = DateTime.UtcNow.Date;

    [Fact]
    public async Task a_provider_is_told_sixty_and_fifteen_days_before_its_evidence_and_its_accreditation_end_once_each()
    {
        await using var service = await StartAsync();
        var provider = TestOrganisation.New();
        var evidenceEnd = Midnight.AddDays(100);
        var end = evidenceEnd.AddDays(30);
        var id = await service.GrantAsync(service.Identity.Provider(provider), query: Until(evidenceEnd));
        var number = (await service.GetAsync($"/accreditations/{id}")).Body.GetProperty("number").GetString();

        List<string> seen = [];
        foreach (var (instant, expected) in new[] { (evidenceEnd.AddDays(-60), 2), (end.AddDays(-60), 3), (evidenceEnd.AddDays(-15), 5), (end.AddDays(-15), 6) })
        {
            await service.AdvanceToAsync(instant.AddMinutes(-2));
            Assert.Equal(seen.Count, (await NoticesAsync(service)).Count);
            await service.AdvanceToAsync(instant.AddMinutes(1));
            await service.AdvanceToAsync(instant.AddMinutes(2));
            seen = [.. (await NoticesAsync(service)).Select(n => $"{n.Kind} {n.Criterion}")];
            Assert.Equal(expected, seen.Count);
        }

        string[] round = ["evidence-expires kbis-extract", "evidence-expires liability-insurance", "accreditation-expires "];
        Assert.Equal(round.Concat(round).Order(), seen.Order());
        Assert.All(await NoticesAsync(service), n =>
        {
            Assert.Equal((provider.Id, number, 1), (n.ProviderId, n.Number, n.Version));
            Assert.Equal(n.Criterion is null ? end : evidenceEnd, n.Until);
            Assert.True(n.GivenAt < n.Until);
        });
    }

    [Fact]
    public async Task evidence_that_the_accreditation_does_not_rest_on_warns_of_nothing()
    {
        await using var service = await StartAsync();
        var provider = service.Identity.Provider(TestOrganisation.New());
        var draft = await service.OpenAsync(provider);
        foreach (var (criterion, days) in new[] { ("kbis-extract", 400), ("liability-insurance", 400), ("iso-27001-certificate", 20), ("passi-qualification", 20) })
        {
            Assert.Equal(HttpStatusCode.OK, (await service.UploadAsync(draft, criterion, provider, query: Until(Midnight.AddDays(days)))).Status);
        }

        await service.PostAsync($"/applications/{draft}/submit", null, provider);
        await service.EvaluateAsync(draft, service.Identity.Staff("assessor"));
        Assert.Equal(HttpStatusCode.OK, (await service.DecideAsync(draft, service.Identity.Staff("assessor"))).Status);

        await service.Process.AdvanceClockAsync(TimeSpan.FromDays(10));

        Assert.Empty(await NoticesAsync(service));
    }

    [Fact]
    public async Task after_an_outage_only_the_nearer_warning_is_given_and_two_instances_give_it_once()
    {
        await using var service = await StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: Until(Midnight.AddDays(100)));
        }

        await service.Process.KillAsync();
        await using var first = await ServiceProcess.StartAsync("services/Accreditation", service.Process.ConnectionString, service.Identity);
        await using var second = await ServiceProcess.StartAsync("services/Accreditation", service.Process.ConnectionString, service.Identity);
        await Task.WhenAll(first.AdvanceClockAsync(TimeSpan.FromDays(90)), second.AdvanceClockAsync(TimeSpan.FromDays(90)));
        await Task.WhenAll(first.AdvanceClockAsync(TimeSpan.FromSeconds(1)), second.AdvanceClockAsync(TimeSpan.FromSeconds(1)));

        var notices = await first.FactsAsync<AccreditationNoticeGiven>();
        Assert.Equal(15, notices.Count);
        Assert.Equal(15, notices.DistinctBy(n => (n.ProviderId, n.Kind, n.Criterion)).Count());
    }

    [Fact]
    public async Task a_suspended_provider_is_told_and_one_that_was_withdrawn_or_has_renewed_is_not()
    {
        await using var service = await StartAsync();
        var assessor = service.Identity.Staff("assessor");
        var query = Until(Midnight.AddDays(100));
        var suspended = TestOrganisation.New();
        await service.PostAsync($"/accreditations/{await service.GrantAsync(service.Identity.Provider(suspended), query: query)}/suspend", new { reason = "contrôle" }, assessor);
        var withdrawn = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: query);
        await service.PostAsync($"/accreditations/{withdrawn}/withdraw", new { reason = "fraude" }, assessor);
        var renewed = service.Identity.Provider(TestOrganisation.New());
        await service.GrantAsync(renewed, query: query);
        await service.GrantAsync(renewed, query: Until(Midnight.AddDays(500)));
        var narrower = TestOrganisation.New();
        await service.GrantAsync(service.Identity.Provider(narrower), query: query);
        await service.GrantAsync(service.Identity.Provider(narrower), territories: ["59"], query: Until(Midnight.AddDays(500)));

        await service.Process.AdvanceClockAsync(TimeSpan.FromDays(90));

        Assert.Equal(new[] { suspended.Id, narrower.Id }.Order(), (await NoticesAsync(service)).Select(n => n.ProviderId).Distinct().Order());
    }

    [Fact]
    public async Task the_database_itself_refuses_to_warn_twice_of_the_same_end()
    {
        await using var service = await StartAsync();
        await service.GrantAsync(service.Identity.Provider(TestOrganisation.New()), query: Until(Midnight.AddDays(50)));
        await service.Process.AdvanceClockAsync(TimeSpan.FromDays(1));
        await using var db = new NpgsqlConnection(service.Process.ConnectionString);

        var refused = await Assert.ThrowsAsync<PostgresException>(() => db.ExecuteAsync(
            "insert into notice select gen_random_uuid(), kind, accreditation_id, criterion_key, ends_at, days_before, given_at from notice"));

        Assert.Equal("notice_once", refused.ConstraintName);
    }

    private async Task<AccreditationService> StartAsync()
    {
        var service = new AccreditationService(postgres);
        await service.InitializeAsync();
        return service;
    }

    private static string Until(DateTime end) => $"?expiresOn={end:yyyy-MM-dd}";

    private static Task<IReadOnlyList<AccreditationNoticeGiven>> NoticesAsync(AccreditationService service) => service.Process.FactsAsync<AccreditationNoticeGiven>();
}
