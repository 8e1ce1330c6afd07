using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Marketplace.Platform.Requests;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests;

/// <summary>Aid estimates for quotes.</summary>
[Collection(SharedService.Name)]
public sealed class Estimates(SubsidiesService subsidies)
{
    [Fact]
    public async Task an_estimate_is_what_a_placement_would_get_and_holds_nothing()
    {
        var business = TestOrganisation.New();
        var programme = await subsidies.OpenAsync(("budgetCents", 700_00), ("deMinimis", true));

        var (status, body) = await AskAsync(business, new { category = "antivirus", programmeIds = new[] { programme }, netCents = new[] { 1_000_00, 1_600_00 } });

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([500_00, 700_00], Amounts(body));
        Assert.Equal("envelope-exhausted", body.GetProperty("estimates")[1].GetProperty("parts")[0].GetProperty("limitedBy")[0].GetString());
        Assert.Equal(300_000_00, body.GetProperty("estimates")[0].GetProperty("deMinimisAvailableCents").GetInt64());
        Assert.Equal((0, 0, 700_00), await subsidies.EnvelopeAsync(programme));
    }

    [Fact]
    public async Task the_callers_own_hold_is_left_out_but_not_somebody_elses()
    {
        var (business, other) = (TestOrganisation.New(), TestOrganisation.New());
        var programme = await subsidies.OpenAsync(("budgetCents", 500_00));
        var placed = Facts.Placed(Guid.CreateVersion7(), 1_000_00, [programme], business);
        await subsidies.DeliverAsync(placed);
        object body = new { commitmentId = placed.CommitmentId, category = "antivirus", programmeIds = new[] { programme }, netCents = new[] { 900_00 } };

        Assert.Equal([450_00], Amounts((await AskAsync(business, body)).Body));
        Assert.Equal([0], Amounts((await AskAsync(other, body)).Body));
    }

    [Fact]
    public async Task other_public_aid_takes_room()
    {
        var programme = await subsidies.OpenAsync();

        var (_, body) = await AskAsync(TestOrganisation.New(), new { category = "antivirus", programmeIds = new[] { programme }, netCents = new[] { 1_000_00 }, otherPublicAidCents = 800_00 });

        Assert.Equal([200_00], Amounts(body));
    }

    [Fact]
    public async Task only_a_neighbour_may_ask_for_a_business()
    {
        var business = TestOrganisation.New();
        object body = new { category = "antivirus", programmeIds = Array.Empty<Guid>(), netCents = new[] { 1 } };

        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(business, body, appToken: "wrong")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(business, body, token: subsidies.Finance)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await AskAsync(business, body, token: "none")).Status);
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(business, body)).Status);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("{\"category\":\"antivirus\",\"programmeIds\":[],\"netCents\":[]}")]
    [InlineData("{\"category\":\"antivirus\",\"programmeIds\":[],\"netCents\":[-1]}")]
    [InlineData("{\"category\":\"antivirus\",\"programmeIds\":[],\"netCents\":[1,2,3,4,5,6]}")]
    [InlineData("{\"category\":\"antivirus\",\"programmeIds\":[],\"netCents\":[9223372036854775807]}")]
    [InlineData("{\"category\":\"antivirus\",\"programmeIds\":[],\"netCents\":[1],\"otherPublicAidCents\":-1}")]
    [InlineData("{\"category\":\"antivirus\",\"programmeIds\":[\"x\"],\"netCents\":[1]}")]
    [InlineData("{\"programmeIds\":[],\"netCents\":[1]}")]
    public async Task a_bad_question_is_refused(string json) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await AskAsync(TestOrganisation.New(), JsonSerializer.Deserialize<JsonElement>(json))).Status);

    private static IEnumerable<long> Amounts(JsonElement body) =>
        body.GetProperty("estimates").EnumerateArray().Select(e => e.GetProperty("parts")[0].GetProperty("amountCents").GetInt64()).ToList();

    private async Task<(HttpStatusCode Status, JsonElement Body)> AskAsync(TestOrganisation business, object body, string appToken = ServiceProcess.AppToken, string? token = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/internal/aid-estimates") { Content = JsonContent.Create(body, options: Json.Options) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? subsidies.Process.Identity.Business(business));
        request.Headers.Add("dapr-api-token", appToken);
        using var response = await subsidies.Process.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }
}
