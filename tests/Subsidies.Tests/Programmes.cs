using System.Net;
using System.Text.Json;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>Programmes and their budgets over HTTP.</summary>
[Collection(SharedService.Name)]
public sealed class Programmes(SubsidiesService subsidies)
{
    [Fact]
    public async Task a_programme_gets_the_defaults_and_is_told()
    {
        var answer = await subsidies.Process.PostAsync("/api/subsidies/programmes", SubsidiesService.Programme(), subsidies.Finance);

        Assert.Equal(HttpStatusCode.Created, answer.Status);
        var body = answer.Body;
        Assert.Equal((36, 10_000, 100, 0), (body.GetProperty("windowMonths").GetInt32(), body.GetProperty("intensityCeilingBps").GetInt32(), body.GetProperty("priority").GetInt32(), body.GetProperty("minSpendCents").GetInt32()));
        Assert.Equal(JsonValueKind.Null, body.GetProperty("capCents").ValueKind);
        var from = body.GetProperty("validFrom").GetDateTime();
        Assert.Equal(from.AddYears(3), body.GetProperty("validUntil").GetDateTime());
        Assert.InRange(from, DateTime.UtcNow.AddMinutes(-1), DateTime.UtcNow.AddMinutes(1));
        var opened = Assert.Single(await subsidies.Process.FactsAsync<ProgrammeOpened>(body.GetProperty("id").GetGuid()));
        Assert.Equal(("Fonds cyber", "Ville", 1), (opened.Name, opened.Funder, opened.Version));
    }

    [Fact]
    public async Task the_public_sees_what_is_left_and_finance_sees_all()
    {
        var id = await subsidies.OpenAsync();

        foreach (var token in new[] { null, subsidies.Process.Identity.Staff(Roles.Buyer) })
        {
            var seen = (await subsidies.Process.GetAsync($"/api/subsidies/programmes/{id}", token)).Body;
            Assert.Equal(1_000_000_00, seen.GetProperty("availableCents").GetInt64());
            Assert.False(seen.TryGetProperty("reservedCents", out _) || seen.TryGetProperty("grantedCents", out _) || seen.TryGetProperty("paidCents", out _));
        }

        var listed = (await subsidies.Process.GetAsync("/api/subsidies/programmes?limit=200", subsidies.Finance)).Body.GetProperty("items").EnumerateArray().ToList();
        Assert.Contains(listed, p => p.GetProperty("id").GetGuid() == id && p.GetProperty("paidCents").GetInt64() == 0);
    }

    [Fact]
    public async Task a_budget_moves_with_a_reason_and_never_below_what_is_engaged()
    {
        var id = await subsidies.OpenAsync(("budgetCents", 1_000_00));
        await subsidies.DeliverAsync(Facts.Placed(Guid.CreateVersion7(), 800_00, [id]));

        var lowered = await BudgetAsync(-600_00);
        Assert.Equal((HttpStatusCode.OK, 400_00, 0, 2), (lowered.Status, lowered.Body.GetProperty("budgetCents").GetInt64(), lowered.Body.GetProperty("availableCents").GetInt64(), lowered.Body.GetProperty("version").GetInt32()));

        var refused = await BudgetAsync(-1);
        Assert.Equal((HttpStatusCode.Conflict, "envelope-engaged"), (refused.Status, refused.Problem));
        Assert.Equal((400_00, 0, 0), await subsidies.EnvelopeAsync(id));
        Assert.Equal([(-600_00, 400_00)], (await subsidies.Process.FactsAsync<Subsidies.Programmes.BudgetChanged>(id)).Select(b => (b.DeltaCents, b.BudgetCents)));

        Task<HttpAnswer> BudgetAsync(long delta) => subsidies.Process.PostAsync($"/api/subsidies/programmes/{id}/budget", new { deltaCents = delta, reason = "Vote du budget" }, subsidies.Finance);
    }

    [Fact]
    public async Task the_same_key_moves_a_budget_once()
    {
        var id = await subsidies.OpenAsync(("budgetCents", 1_000_00));
        for (var i = 0; i < 2; i++)
        {
            var answer = await subsidies.Process.PostAsync($"/api/subsidies/programmes/{id}/budget", new { deltaCents = 5, reason = "Arrondi" }, subsidies.Finance, "one-key");
            Assert.Equal(1_000_05, answer.Body.GetProperty("budgetCents").GetInt64());
        }

        Assert.Equal(1_000_05, (await subsidies.EnvelopeAsync(id)).Available);
    }

    [Fact]
    public async Task only_finance_opens_programmes_moves_budgets_and_lists_grants()
    {
        var id = await subsidies.OpenAsync();
        foreach (var (token, expected) in new[] { (null, HttpStatusCode.Unauthorized), (subsidies.Process.Identity.Staff(Roles.Buyer, Roles.Admin, Roles.Assessor), HttpStatusCode.Forbidden), (subsidies.Process.Identity.Business(TestOrganisation.New()), HttpStatusCode.Forbidden) })
        {
            Assert.Equal(expected, (await subsidies.Process.PostAsync("/api/subsidies/programmes", SubsidiesService.Programme(), token)).Status);
            Assert.Equal(expected, (await subsidies.Process.PostAsync($"/api/subsidies/programmes/{id}/budget", new { deltaCents = 1, reason = "x" }, token)).Status);
            Assert.Equal(expected, (await subsidies.Process.GetAsync("/api/subsidies/grants", token)).Status);
            Assert.Equal(expected, (await subsidies.Process.GetAsync($"/api/subsidies/grants/{id}/recomputation", token)).Status);
        }
    }

    public static TheoryData<string, string> BadFields()
    {
        var data = new TheoryData<string, string>();
        void Add(string field, params string[] values)
        {
            foreach (var value in values)
            {
                data.Add(field, value);
            }
        }

        var tooLong = $"\"{new string('x', 201)}\"";
        Add("name", "null", "\"\"", "\"  \"", tooLong, "7", "\"a\\u0000b\"");
        Add("funder", "null", "\"\"", tooLong, "[]", "\"\\ud800\"");
        Add("budgetCents", "null", "0", "-1", "1.5", "\"100\"", "1000000000001", "99999999999999999999", "true");
        Add("rateBps", "null", "0", "-1", "10001", "0.5", "99999999999");
        Add("capCents", "0", "-1", "\"x\"", "1000000000001");
        Add("windowMonths", "0", "-1", "601", "[]");
        Add("minSpendCents", "-1", "1000000000001");
        Add("maxBaseCents", "0", "-1");
        Add("categories", "null", "[]", "[\"quantum\"]", "[null]", "\"antivirus\"", "[7]");
        Add("territories", "null", "[]", "[\"\"]", "[null]", "[\"5962\"]", "[\"59\\u0000\"]", "[\"59\\n\"]");
        Add("maxHeadcount", "0", "-1", "99999999999");
        Add("maxTurnoverCents", "0", "-1");
        Add("intensityCeilingBps", "0", "10001");
        Add("priority", "-1", "\"first\"");
        Add("deMinimis", "null", "\"yes\"", "1");
        Add("validFrom", "\"soon\"", "\"2026-13-01\"", "\"2026-01-01T00:00:00\"", "\"9999-01-01\"", "7");
        Add("validUntil", "\"2020-01-01\"", "\"\"", "\"1700-01-01T00:00:00Z\"");
        return data;
    }

    [Theory]
    [MemberData(nameof(BadFields))]
    public async Task a_bad_field_is_refused_by_name(string field, string value)
    {
        var body = JsonSerializer.SerializeToNode(SubsidiesService.Programme())!.AsObject();
        body.Remove(field);
        var json = body.ToJsonString()[..^1] + $",\"{field}\":{value}}}";
        var before = (await subsidies.Process.FactsAsync<ProgrammeOpened>()).Count;

        var answer = await subsidies.Process.PostAsync("/api/subsidies/programmes", json, subsidies.Finance);

        Assert.Equal((HttpStatusCode.BadRequest, "invalid-input"), (answer.Status, answer.Problem));
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name.StartsWith(field, StringComparison.Ordinal));
        Assert.Equal(before, (await subsidies.Process.FactsAsync<ProgrammeOpened>()).Count);
    }

    [Fact]
    public async Task every_missing_field_is_told_at_once()
    {
        var answer = await subsidies.Process.PostAsync("/api/subsidies/programmes", "{}", subsidies.Finance);

        Assert.Equal(
            ["budgetCents", "categories", "deMinimis", "funder", "name", "rateBps", "territories"],
            answer.Body.GetProperty("errors").EnumerateObject().Select(e => e.Name).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{\"name\":\"a\",\"name\":\"b\"}")]
    public async Task a_body_that_is_no_object_is_refused(string json)
    {
        var id = await subsidies.OpenAsync();

        Assert.Equal(HttpStatusCode.BadRequest, (await subsidies.Process.PostAsync("/api/subsidies/programmes", json, subsidies.Finance)).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await subsidies.Process.PostAsync($"/api/subsidies/programmes/{id}/budget", json, subsidies.Finance)).Status);
    }

    [Theory]
    [InlineData("{\"deltaCents\":1}", "reason")]
    [InlineData("{\"deltaCents\":1,\"reason\":\" \"}", "reason")]
    [InlineData("{\"reason\":\"x\"}", "deltaCents")]
    [InlineData("{\"deltaCents\":0,\"reason\":\"x\"}", "deltaCents")]
    [InlineData("{\"deltaCents\":1000000000000,\"reason\":\"x\"}", "deltaCents")]
    [InlineData("{\"deltaCents\":-9223372036854775808,\"reason\":\"x\"}", "deltaCents")]
    [InlineData("{\"deltaCents\":1e300,\"reason\":\"x\"}", "deltaCents")]
    [InlineData("{\"deltaCents\":1,\"reason\":\"a\\u0000\"}", "reason")]
    public async Task a_bad_budget_change_is_refused_and_changes_nothing(string json, string field)
    {
        var id = await subsidies.OpenAsync();

        var answer = await subsidies.Process.PostAsync($"/api/subsidies/programmes/{id}/budget", json, subsidies.Finance);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Contains(answer.Body.GetProperty("errors").EnumerateObject(), e => e.Name == field);
        Assert.Equal(1_000_000_00, (await subsidies.EnvelopeAsync(id)).Available);
    }

    [Fact]
    public async Task unknown_ids_and_bad_filters_are_refused()
    {
        var unknown = Guid.CreateVersion7();
        Assert.Equal(HttpStatusCode.NotFound, (await subsidies.Process.GetAsync($"/api/subsidies/programmes/{unknown}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await subsidies.Process.GetAsync("/api/subsidies/programmes/7")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await subsidies.Process.PostAsync($"/api/subsidies/programmes/{unknown}/budget", new { deltaCents = 1, reason = "x" }, subsidies.Finance)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await subsidies.Process.GetAsync($"/api/subsidies/grants/{unknown}/recomputation", subsidies.Finance)).Status);
        foreach (var filter in new[] { "status=lost", "programmeId=7", "poolId=x", "siren=123456789", "siren=%00", "limit=0", "limit=201", "cursor=zzz" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await subsidies.Process.GetAsync($"/api/subsidies/grants?{filter}", subsidies.Finance)).Status);
        }

        foreach (var filter in new[] { "limit=-1", "cursor=WyJ4Il0" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await subsidies.Process.GetAsync($"/api/subsidies/programmes?{filter}")).Status);
        }
    }
}
