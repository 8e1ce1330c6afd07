using System.Text.Json.Nodes;
using Marketplace.Local;
using Marketplace.Local.Campaigns;

namespace Marketplace.Journeys_Tests;

public sealed class ReadCampaignTests
{
    [Fact]
    public void the_demonstration_campaign_is_read_in_its_order()
    {
        var campaign = ReadCampaign.FromFile(Checkout.DemonstrationCampaign);
        Assert.Equal(48, campaign.Businesses.Count);
        Assert.Equal(["pool-edr", "pool-backup", "pool-firewall", "pool-audit"], campaign.Pools.Select(pool => pool.Key));
        Assert.Equal(90, campaign.Pools.Sum(pool => pool.Commitments.Count));
        Assert.Equal(["b20", "b38", "b23"], campaign.Pools[0].Commitments.Take(3).Select(commitment => commitment.Business));
        Assert.Equal(6, campaign.Pools.Sum(pool => pool.Commitments.Count(commitment => commitment.Withdraws)));
    }

    [Fact]
    public void fields_of_the_api_go_through_and_those_of_the_file_do_not()
    {
        var file = Small();
        file["pools"]![0]!["minQuantity"] = 7;
        file["pools"]![0]!["somethingNew"] = "kept";
        var campaign = ReadCampaign.FromJson(file.ToJsonString(), "c.json");
        var body = campaign.Pools[0].Entry.Without("pack", "programmes", "commitments");
        Assert.Equal(["maxQuantity", "minQuantity", "somethingNew", "territories"], body.Select(field => field.Key).Order());
        Assert.Equal("""{"quantity":3,"paymentMethod":"pm_card_visa"}""", campaign.Pools[0].Commitments[0].Fields.ToJsonString());
    }

    [Fact]
    public void a_missing_file_is_told() =>
        Assert.Equal("There is no campaign file nowhere.json.", Assert.Throws<CampaignFaultException>(() => ReadCampaign.FromFile("nowhere.json")).Message);

    [Theory]
    [InlineData("")]
    [InlineData("{\"name\": ")]
    [InlineData("{} trailing")]
    [InlineData("{\"name\": 1, \"name\": 2}")]
    public void what_is_not_json_is_told(string text) =>
        Assert.StartsWith("c.json is not valid JSON", Assert.Throws<CampaignFaultException>(() => ReadCampaign.FromJson(text, "c.json")).Message);

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("7")]
    public void what_is_no_object_is_told(string text) =>
        Assert.Equal("c.json is not a campaign: it holds no JSON object.", Assert.Throws<CampaignFaultException>(() => ReadCampaign.FromJson(text, "c.json")).Message);

    [Theory]
    [InlineData("packs/0/provider", "\"p9\"", "packs[0].provider: nothing in providers has the key 'p9'")]
    [InlineData("pools/0/pack", "\"k9\"", "pools[0].pack: nothing in packs has the key 'k9'")]
    [InlineData("pools/0/programmes/0", "\"r9\"", "pools[0].programmes[0]: nothing in programmes has the key 'r9'")]
    [InlineData("pools/0/commitments/1/business", "\"b9\"", "pools[0].commitments[1].business: nothing in businesses has the key 'b9'")]
    [InlineData("pools/0/commitments/1/business", "\"b1\"", "pools[0].commitments[1].business: 'b1' has a commitment to this pool already")]
    [InlineData("pools/0/commitments/0/quantity", "\"3\"", "pools[0].commitments[0].quantity: a whole number is needed")]
    [InlineData("pools/0/commitments/0/quantity", "1.5", "pools[0].commitments[0].quantity: a whole number is needed")]
    [InlineData("pools/0/commitments/0", "null", "pools[0].commitments[0]: an object is needed")]
    [InlineData("pools/0/commitments", "null", "pools[0].commitments: a list of objects is needed")]
    [InlineData("programmes/0/budgetCents", "null", "programmes[0].budgetCents: a whole number is needed")]
    [InlineData("businesses/1/key", "\"b1\"", "businesses[1].key: 'b1' is there twice")]
    [InlineData("businesses/0/siret", "null", "businesses[0].siret: a text is needed")]
    [InlineData("businesses/0/linkedSirens", "[1]", "businesses[0].linkedSirens: a list of texts is needed")]
    [InlineData("providers", "null", "providers: a list of objects is needed")]
    [InlineData("packs/0/tiers", "[]", "packs[0].tiers: a list with at least one object is needed")]
    public void each_fault_is_told_with_its_path(string path, string value, string fault)
    {
        var file = Small();
        var steps = path.Split('/');
        var parent = steps[..^1].Aggregate((JsonNode)file, (node, step) => int.TryParse(step, out var n) ? node[n]! : node[step]!);
        if (int.TryParse(steps[^1], out var last))
        {
            parent[last] = JsonNode.Parse(value);
        }
        else
        {
            parent[steps[^1]] = JsonNode.Parse(value);
        }

        var told = Assert.Throws<CampaignFaultException>(() => ReadCampaign.FromJson(file.ToJsonString(), "c.json")).Message;
        Assert.StartsWith("c.json is not a campaign that can be played:", told);
        Assert.Contains(fault, told);
    }

    [Fact]
    public void a_flood_of_faults_is_cut_short()
    {
        var file = Small();
        file["businesses"] = new JsonArray(Enumerable.Range(0, 30).Select(_ => (JsonNode)new JsonObject()).ToArray());
        var told = Assert.Throws<CampaignFaultException>(() => ReadCampaign.FromJson(file.ToJsonString(), "c.json")).Message;
        Assert.Matches(@"and \d+ more$", told);
        Assert.True(told.Split('\n').Length < 15);
    }

    private static JsonObject Small() => JsonNode.Parse("""
        {
          "name": "Petite campagne",
          "programmes": [{ "key": "r1", "name": "Aide", "funder": "Ville", "budgetCents": 100000, "rateBps": 3000, "categories": ["audit"], "territories": ["62"] }],
          "providers": [{ "key": "p1", "name": "Artois", "siret": "31068403088545", "departement": "62", "categories": ["audit"], "territories": ["62"] }],
          "packs": [{ "key": "k1", "provider": "p1", "name": "Audit", "category": "audit", "unit": "audit", "termMonths": 1, "listPriceCents": 1000, "capacity": 10,
                      "territories": ["62"], "tiers": [{ "minQuantity": 1, "unitPriceCents": 900 }] }],
          "businesses": [{ "key": "b1", "name": "Une", "siret": "52569583951034", "departement": "62" }, { "key": "b2", "name": "Deux", "siret": "44700514150542", "departement": "62" }],
          "pools": [{ "key": "g1", "pack": "k1", "maxQuantity": 10, "territories": ["62"], "programmes": ["r1"],
                      "commitments": [{ "business": "b1", "quantity": 3 }, { "business": "b2", "quantity": 2, "withdraw": true }] }]
        }
        """)!.AsObject();
}
