using System.Text.Json.Nodes;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;

namespace Marketplace.Journeys_Tests;

/// <summary>
/// A whole campaign through the public API of a whole marketplace, against what an independent model worked out; then from
/// grant to bank.
/// </summary>
public sealed class CampaignJourney
{
    [Fact]
    public Task the_campaign_comes_to_what_the_rule_book_says_and_every_cent_of_it_is_paid_or_explained() => PlayAndCompareAsync(options => options);

    [Fact]
    public Task the_same_when_every_event_comes_twice_in_random_order_and_pooled_orders_has_two_instances() =>
        PlayAndCompareAsync(options => options with { Chaos = true, PooledOrdersInstances = 2 });

    private static async Task PlayAndCompareAsync(Func<LocalMarketplaceOptions, LocalMarketplaceOptions> variant)
    {
        var folder = TemporaryFolder.Create("marketplace-journey-");
        try
        {
            var options = variant(new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), Durable = false, RateLimits = false });
            await using var marketplace = await LocalMarketplace.StartAsync(options, ct: TestContext.Current.CancellationToken);
            var campaign = ReadCampaign.FromFile(Checkout.DemonstrationCampaign);
            var outcome = await PlayCampaign.RunAsync(marketplace, campaign, null, TestContext.Current.CancellationToken, throughBank: true);

            Assert.Empty(outcome.Refusals);
            var expected = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "campaign-1.expected.json")))!;
            Assert.Equal("", string.Join('\n', Differences("", expected, JsonNode.Parse((outcome with { Bank = null }).ToJson()))));
            PaidOrExplained.Check(Assert.IsType<BankOutcome>(outcome.Bank), expected);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<string> Differences(string path, JsonNode? expected, JsonNode? actual)
    {
        if (expected is JsonObject left && actual is JsonObject right)
        {
            return left.Select(field => field.Key).Union(right.Select(field => field.Key)).SelectMany(key => Differences($"{path}/{key}", left[key], right[key]));
        }

        return JsonNode.DeepEquals(expected, actual) ? [] : [$"{path}: expected {expected?.ToJsonString() ?? "nothing"}, found {actual?.ToJsonString() ?? "nothing"}"];
    }
}
