using System.Net;
using Marketplace.Accreditation.Applications;
using Marketplace.Events.Accreditation;
using Marketplace.Testing;

namespace Marketplace.Accreditation.Tests.Applications;

[Collection(SharedService.Name)]
public sealed class FromDraftToDecision(AccreditationService service)
{
    private readonly TestOrganisation organisation = TestOrganisation.New(name: "Artois Cyber Services");

    private string Provider => service.Identity.Provider(organisation);

    private string Assessor => service.Identity.Staff("assessor");

    [Fact]
    public async Task the_published_scheme_lists_its_criteria_with_what_is_mandatory_for_which_category()
    {
        var scheme = (await service.GetAsync("/schemes/current")).Body;

        Assert.Equal(1, scheme.GetProperty("version").GetInt32());
        var criteria = scheme.GetProperty("criteria").EnumerateArray().ToDictionary(c => c.GetProperty("key").GetString()!);
        int? Months(string key) => criteria[key].GetProperty("validityMonths") is { ValueKind: System.Text.Json.JsonValueKind.Number } n ? n.GetInt32() : null;
        Assert.Equal([24, 36, 12, 3, null], new[] { "expert-cyber-label", "iso-27001-certificate", "liability-insurance", "kbis-extract", "passi-qualification" }.Select(Months));
        Assert.Equal(["kbis-extract", "liability-insurance", "passi-qualification"], criteria.Values.Where(c => c.GetProperty("mandatory").GetBoolean()).Select(c => c.GetProperty("key").GetString()));
        Assert.Equal(["audit"], criteria["passi-qualification"].GetProperty("categories").EnumerateArray().Select(c => c.GetString()));
        Assert.Equal(4, criteria["kbis-extract"].GetProperty("categories").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync("/schemes/2")).Status);
    }

    [Fact]
    public async Task an_application_becomes_an_accreditation_in_the_public_register_and_others_are_told()
    {
        var id = await service.ReachReviewAsync(Provider, ["antivirus", "audit"], ["62", "59"]);

        var decided = await service.DecideAsync(id, Assessor);

        Assert.Equal("granted", decided.Body.GetProperty("status").GetString());
        var accreditationId = decided.Body.GetProperty("accreditationId").GetGuid();
        var entry = (await service.GetAsync($"/accreditations/{accreditationId}")).Body;
        Assert.Matches("^AGR-20[0-9]{2}-[0-9]{4}$", entry.GetProperty("number").GetString());
        Assert.Equal(organisation.Id, entry.GetProperty("providerId").GetGuid());
        Assert.Equal(organisation.Name, entry.GetProperty("providerName").GetString());
        Assert.Equal(organisation.Siret, entry.GetProperty("siret").GetString());
        Assert.Equal("active", entry.GetProperty("status").GetString());
        var fact = Assert.Single(await service.Process.FactsAsync<AccreditationStatusChanged>(accreditationId));
        Assert.Equal(("active", 1, organisation.Id, organisation.Siret), (fact.Status, fact.Version, fact.ProviderId, fact.Siret));
        Assert.Equal(["antivirus", "audit"], fact.Categories);
        Assert.Equal(["59", "62"], fact.Territories);
        Assert.Equal(entry.GetProperty("validUntil").GetDateTime(), fact.ValidUntil, TimeSpan.FromMilliseconds(1));
        Assert.Equal(accreditationId, (await service.GetAsync($"/applications/{id}", Provider)).Body.GetProperty("accreditationId").GetGuid());
    }

    [Fact]
    public async Task the_history_tells_each_step_with_who_and_when_but_names_no_assessor_to_the_provider()
    {
        var id = await service.ReachReviewAsync(Provider);
        await service.DecideAsync(id, Assessor);

        var forAssessor = (await service.GetAsync($"/applications/{id}/history", Assessor)).Body.GetProperty("items").EnumerateArray().ToList();
        var forProvider = (await service.GetAsync($"/applications/{id}/history", Provider)).Body.GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(
            ["application-opened", "evidence-provided", "evidence-provided", "evidence-provided", "application-submitted", "application-evaluated", "application-granted"],
            forAssessor.Select(f => f.GetProperty("type").GetString()!.Split('.')[1]));
        Assert.Equal(Enumerable.Range(1, 7), forAssessor.Select(f => f.GetProperty("version").GetInt32()));
        Assert.All(forAssessor, f => Assert.NotEqual(Guid.Empty, f.GetProperty("actor").GetGuid()));
        Assert.Equal(2, forProvider.Count(f => f.GetProperty("actor").ValueKind == System.Text.Json.JsonValueKind.Null));
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/applications/{id}/history", service.Identity.Provider(TestOrganisation.New()))).Status);
    }

    [Fact]
    public async Task without_mandatory_evidence_it_cannot_be_submitted_and_the_missing_keys_are_named()
    {
        var id = await service.OpenAsync(Provider, ["audit"]);
        await service.UploadAsync(id, "liability-insurance", Provider);

        var refused = await service.PostAsync($"/applications/{id}/submit", null, Provider);

        Assert.Equal((HttpStatusCode.Conflict, "evidence-missing"), (refused.Status, refused.Problem));
        Assert.Equal(["kbis-extract", "passi-qualification"], refused.Body.GetProperty("keys").EnumerateArray().Select(k => k.GetString()));
        Assert.Equal("draft", await StatusAsync(id));
    }

    [Fact]
    public async Task passi_is_not_asked_of_who_sells_no_audits()
    {
        var id = await service.OpenAsync(Provider, ["firewall"]);
        await service.UploadAsync(id, "liability-insurance", Provider);
        await service.UploadAsync(id, "kbis-extract", Provider);

        Assert.Equal(HttpStatusCode.OK, (await service.PostAsync($"/applications/{id}/submit", null, Provider)).Status);
    }

    [Fact]
    public async Task who_evaluated_in_any_round_cannot_decide()
    {
        var (first, second) = (Assessor, Assessor);
        var id = await service.SubmitAsync(Provider);
        await service.EvaluateAsync(id, first);
        await service.PostAsync($"/applications/{id}/return", new { reason = "Kbis illisible" }, second);
        await service.PostAsync($"/applications/{id}/submit", null, Provider);
        await service.EvaluateAsync(id, second);

        foreach (var evaluator in new[] { first, second })
        {
            var refused = await service.DecideAsync(id, evaluator);
            Assert.Equal((HttpStatusCode.Conflict, "four-eyes"), (refused.Status, refused.Problem));
        }

        Assert.Equal("review", await StatusAsync(id));
        Assert.Equal(HttpStatusCode.OK, (await service.DecideAsync(id, Assessor)).Status);
    }

    [Fact]
    public async Task a_returned_application_is_a_draft_again_with_the_reason()
    {
        foreach (var id in new[] { await service.SubmitAsync(Provider), await service.ReachReviewAsync(Provider) })
        {
            var returned = await service.PostAsync($"/applications/{id}/return", new { reason = "attestation d'assurance à renouveler" }, Assessor);

            Assert.Equal("draft", returned.Body.GetProperty("status").GetString());
            Assert.Equal("attestation d'assurance à renouveler", (await service.GetAsync($"/applications/{id}", Provider)).Body.GetProperty("returnReason").GetString());
            Assert.Equal(HttpStatusCode.OK, (await service.UploadAsync(id, "liability-insurance", Provider)).Status);
        }
    }

    [Fact]
    public async Task a_refusal_needs_a_reason_and_grants_nothing()
    {
        var id = await service.ReachReviewAsync(Provider);

        Assert.Equal("invalid-input", (await service.DecideAsync(id, Assessor, "refuse", " ")).Problem);
        var refused = await service.DecideAsync(id, Assessor, "refuse", "l'assurance ne couvre pas la prestation");

        Assert.Equal("refused", refused.Body.GetProperty("status").GetString());
        var application = (await service.GetAsync($"/applications/{id}", Provider)).Body;
        Assert.Equal("l'assurance ne couvre pas la prestation", application.GetProperty("decisionReason").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, application.GetProperty("accreditationId").ValueKind);
    }

    [Fact]
    public async Task what_the_evaluation_found_lacking_cannot_be_granted()
    {
        var id = await service.SubmitAsync(Provider);
        await service.EvaluateAsync(id, Assessor, met: false);

        var refused = await service.DecideAsync(id, Assessor);

        Assert.Equal((HttpStatusCode.Conflict, "criteria-not-met"), (refused.Status, refused.Problem));
        Assert.Equal("review", await StatusAsync(id));
    }

    [Fact]
    public async Task a_step_out_of_order_is_refused_with_the_present_status()
    {
        var draft = await service.OpenAsync(Provider);
        var submitted = await service.SubmitAsync(Provider);
        var review = await service.ReachReviewAsync(Provider);
        var granted = await service.ReachReviewAsync(Provider);
        await service.DecideAsync(granted, Assessor);
        async Task Refused(Task<HttpAnswer> step, string present)
        {
            var answer = await step;
            Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), (answer.Status, answer.Problem));
            Assert.Equal(present, answer.Body.GetProperty("currentStatus").GetString());
        }

        await Refused(service.EvaluateAsync(draft, Assessor), "draft");
        await Refused(service.DecideAsync(draft, Assessor), "draft");
        await Refused(service.PostAsync($"/applications/{draft}/return", new { reason = "r" }, Assessor), "draft");
        await Refused(service.DecideAsync(submitted, Assessor), "submitted");
        await Refused(service.UploadAsync(submitted, "kbis-extract", Provider), "submitted");
        await Refused(service.PostAsync($"/applications/{submitted}/submit", null, Provider), "submitted");
        await Refused(service.EvaluateAsync(review, Assessor), "review");
        await Refused(service.EvaluateAsync(granted, Assessor), "granted");
        await Refused(service.DecideAsync(granted, Assessor), "granted");
        await Refused(service.PostAsync($"/applications/{granted}/return", new { reason = "r" }, Assessor), "granted");
    }

    [Fact]
    public async Task of_many_decisions_at_the_same_time_one_wins()
    {
        var id = await service.ReachReviewAsync(Provider);

        var answers = await service.AllAtOnceAsync("application", id, 8, i => service.DecideAsync(id, Assessor, i % 2 == 0 ? "grant" : "refuse"));

        var won = Assert.Single(answers, a => a.Status == HttpStatusCode.OK);
        Assert.All(answers.Where(a => a != won), a => Assert.Equal((HttpStatusCode.Conflict, "wrong-status"), (a.Status, a.Problem)));
        Assert.Equal(won.Body.GetProperty("status").GetString(), await StatusAsync(id));
        Assert.Equal(1, (await service.Process.FactsAsync<ApplicationGranted>(id)).Count + (await service.Process.FactsAsync<ApplicationRefused>(id)).Count);
    }

    [Fact]
    public async Task a_retried_decision_with_the_same_key_answers_the_first_answer()
    {
        var id = await service.ReachReviewAsync(Provider);
        var (assessor, path, body) = (Assessor, $"/api/accreditation/applications/{id}/decision", new { decision = "grant" });

        var first = await service.Process.PostAsync(path, body, assessor, "decide-once");
        var again = await service.Process.PostAsync(path, body, assessor, "decide-once");
        var other = await service.Process.PostAsync(path, new { decision = "refuse", reason = "r" }, assessor, "decide-once");

        Assert.Equal(HttpStatusCode.OK, first.Status);
        Assert.Equal(first.Body.ToString(), again.Body.ToString());
        Assert.True(again.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal("idempotency-key-reused", other.Problem);
    }

    [Fact]
    public async Task a_provider_sees_its_own_applications_and_assessors_see_all_page_by_page()
    {
        var other = TestOrganisation.New();
        List<Guid> own = [await service.OpenAsync(Provider), await service.OpenAsync(Provider), await service.SubmitAsync(Provider)];
        var foreign = await service.OpenAsync(service.Identity.Provider(other));

        async Task<List<Guid>> ListAsync(string token, string query)
        {
            List<Guid> ids = [];
            for (string? cursor = null; ;)
            {
                var page = (await service.GetAsync($"/applications?limit=2{query}{cursor}", token)).Body;
                ids.AddRange(page.GetProperty("items").EnumerateArray().Select(a => a.GetProperty("id").GetGuid()));
                if (page.GetProperty("nextCursor").GetString() is not { } next)
                {
                    return ids;
                }

                cursor = $"&cursor={next}";
            }
        }

        Assert.Equal(Enumerable.Reverse(own), await ListAsync(Provider, ""));
        Assert.Equal([own[2]], await ListAsync(Provider, "&status=submitted"));
        var all = await ListAsync(Assessor, "&status=draft");
        Assert.Superset(new HashSet<Guid> { own[0], own[1], foreign }, all.ToHashSet());
        Assert.DoesNotContain(own[2], all);
        Assert.Equal(HttpStatusCode.NotFound, (await service.GetAsync($"/applications/{foreign}", Provider)).Status);
    }

    private async Task<string?> StatusAsync(Guid id) => (await service.GetAsync($"/applications/{id}", Assessor)).Body.GetProperty("status").GetString();
}
