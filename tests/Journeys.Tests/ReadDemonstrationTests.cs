using System.Text.Json.Nodes;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Demonstrations;

namespace Marketplace.Journeys_Tests;

/// <summary>A demonstration file that cannot be played is told before anything is.</summary>
public sealed class ReadDemonstrationTests
{
    [Fact]
    public void the_campaign_of_the_demonstration_stays_as_it_is_but_for_what_the_file_adds()
    {
        var alone = ReadCampaign.FromFile(Checkout.DemonstrationCampaign);
        var file = ReadDemonstration.FromFile(Checkout.Demonstration);

        Assert.Equal(alone.Pools.Select(pool => pool.Key), file.Campaign.Pools.Select(pool => pool.Key));
        Assert.Equal(alone.Businesses.Select(business => business.Key), file.Campaign.Businesses.Select(business => business.Key));
        Assert.Equal(alone.Packs.Select(pack => pack.Key), file.Campaign.Packs.Take(alone.Packs.Count).Select(pack => pack.Key));
        Assert.All(file.Campaign.Packs, pack => Assert.NotNull(pack.Text("description")));
        Assert.All(file.Pools, later => Assert.DoesNotContain("closesInDays", later.Pool.Entry.Fields.Select(field => field.Key)));
    }

    [Theory]
    [InlineData("visitors", null, "visitors is missing.")]
    [InlineData("delivered", """["pool-nowhere"]""", "there is no pool 'pool-nowhere'.")]
    [InlineData("descriptions", """{"nothing":"?"}""", "there is no pack 'nothing'.")]
    [InlineData("payments", """{"programme":"ville","paidShort":"nobody","waits":"region"}""", "there is no provider 'nobody'.")]
    [InlineData("budget", """{"programme":"ville"}""", "deltaCents")]
    public void a_part_that_is_missing_or_names_what_is_not_there_is_told(string part, string? instead, string expected)
    {
        var root = JsonNode.Parse(File.ReadAllText(Checkout.Demonstration))!.AsObject();
        root[part] = instead is null ? null : JsonNode.Parse(instead);
        var refused = Assert.Throws<CampaignFaultException>(() => ReadDemonstration.FromJson(root.ToJsonString(), _ => File.ReadAllText(Checkout.DemonstrationCampaign), "d.json"));
        Assert.StartsWith("d.json is not a demonstration that can be played:", refused.Message);
        Assert.Contains(expected, refused.Message);
    }
}
