using System.Net;
using System.Text.Json;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;

namespace Marketplace.Accreditation.Tests.Register;

[Collection(SharedService.Name)]
public sealed class TheRegister(AccreditationService service)
{
    private readonly TestOrganisation organisation = TestOrganisation.New();

    private string Provider => service.Identity.Provider(organisation);

    private string Assessor => service.Identity.Staff("assessor");

    [Fact]
    public async Task an_accreditation_is_suspended_reinstated_and_withdrawn_and_each_change_is_told()
    {
        var id = await service.GrantAsync(Provider);
        foreach (var (action, status) in new[] { ("suspend", "suspended"), ("reinstate", "active"), ("suspend", "suspended"), ("withdraw", "withdrawn") })
        {
            var changed = await ChangeAsync(id, action, $"motif {action}");
            Assert.Equal((HttpStatusCode.OK, status), (changed.Status, changed.Body.GetProperty("status").GetString()));
            Assert.Equal(status, (await service.GetAsync($"/accreditations/{id}")).Body.GetProperty("status").GetString());
        }

        var facts = await service.Process.FactsAsync<AccreditationStatusChanged>(id);
        Assert.Equal(["active", "suspended", "active", "suspended", "withdrawn"], facts.Select(f => f.Status));
        Assert.Equal([1, 2, 3, 4, 5], facts.Select(f => f.Version));
        Assert.Equal(["motif suspend", "motif reinstate", "motif suspend", "motif withdraw"], facts.Skip(1).Select(f => f.Reason));
    }

    [Fact]
    public async Task an_active_one_may_be_withdrawn_at_once_and_never_returns()
    {
        var id = await service.GrantAsync(Provider);

        Assert.Equal(HttpStatusCode.OK, (await ChangeAsync(id, "withdraw", "fraude")).Status);

        foreach (var action in new[] { "suspend", "reinstate", "withdraw" })
        {
            var refused = await ChangeAsync(id, action, "r");
            Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), (refused.Status, refused.Problem));
            Assert.Equal("withdrawn", refused.Body.GetProperty("currentStatus").GetString());
        }
    }

    [Fact]
    public async Task of_many_suspensions_at_the_same_time_one_wins()
    {
        var id = await service.GrantAsync(Provider);

        var answers = await service.AllAtOnceAsync("accreditation", id, 8, _ => ChangeAsync(id, "suspend", "contrôle"));

        Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.Equal(7, answers.Count(a => a.Problem == "wrong-status"));
        Assert.Equal(2, (await service.Process.FactsAsync<AccreditationStatusChanged>(id)).Count);
    }

    [Fact]
    public async Task anyone_reads_the_register_by_name_filtered_and_page_by_page()
    {
        var gamma = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New(name: "Gamma")), ["firewall"], ["971"]);
        var beta = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New(name: "Beta")), ["firewall", "audit"], ["971"]);
        var alpha = await service.GrantAsync(service.Identity.Provider(TestOrganisation.New(name: "Alpha")), ["firewall"], ["971", "2B"]);
        Guid[] expected = [alpha, beta, gamma];
        await service.GrantAsync(service.Identity.Provider(TestOrganisation.New(name: "Delta")), ["antivirus"], ["971"]);
        await ChangeAsync(expected[2], "suspend", "contrôle");

        async Task<Guid[]> ListAsync(string query)
        {
            List<Guid> ids = [];
            for (var cursor = ""; ;)
            {
                var page = (await service.GetAsync($"/accreditations?limit=1&{query}{cursor}")).Body;
                ids.AddRange(page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetGuid()));
                if (page.GetProperty("nextCursor").GetString() is not { } next)
                {
                    return [.. ids];
                }

                cursor = $"&cursor={next}";
            }
        }

        Assert.Equal(expected, await ListAsync("category=firewall&territory=971"));
        Assert.Equal(expected[..2], await ListAsync("category=firewall&territory=971&status=active"));
        Assert.Equal([expected[2]], await ListAsync("territory=971&status=suspended"));
        Assert.Equal([expected[1]], await ListAsync("category=audit&territory=971"));
        Assert.Equal([expected[0]], await ListAsync("territory=2B"));
        Assert.Empty(await ListAsync("territory=2B&category=audit"));
    }

    [Fact]
    public async Task a_provider_may_hold_several_and_numbers_never_repeat()
    {
        var first = await service.GrantAsync(Provider, ["antivirus"]);
        var second = await service.GrantAsync(Provider, ["firewall"]);

        var own = (await service.GetAsync($"/accreditations?providerId={organisation.Id}")).Body.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal([first, second], own.Select(a => a.GetProperty("id").GetGuid()));
        Assert.Equal(2, own.Select(a => a.GetProperty("number").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task the_reasons_are_for_the_provider_and_assessors_not_for_the_public()
    {
        var id = await service.GrantAsync(Provider);
        await ChangeAsync(id, "suspend", "plainte d'un client");

        Assert.DoesNotContain("plainte", (await service.GetAsync($"/accreditations/{id}")).Body.ToString());
        var history = (await service.GetAsync($"/accreditations/{id}/history", Provider)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Equal("plainte d'un client", history[1].GetProperty("data").GetProperty("reason").GetString());
        Assert.Equal(JsonValueKind.Null, history[1].GetProperty("actor").ValueKind);
        Assert.Equal(HttpStatusCode.Unauthorized, (await service.GetAsync($"/accreditations/{id}/history")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await service.GetAsync($"/accreditations/{id}/history", service.Identity.Provider(TestOrganisation.New()))).Status);
    }

    private Task<HttpAnswer> ChangeAsync(Guid id, string action, string reason) => service.PostAsync($"/accreditations/{id}/{action}", new { reason }, Assessor);
}
