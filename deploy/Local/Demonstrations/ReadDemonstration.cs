using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>Reads a demonstration and the campaign that it goes on from, which lies beside it.</summary>
internal static class ReadDemonstration
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CampaignFaultException">It is missing, or not a demonstration.</exception>
    public static DemonstrationFile FromFile(string file)
    {
        try
        {
            var root = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
            var campaignFile = Path.Combine(Path.GetDirectoryName(file)!, root["campaign"]!.GetValue<string>());
            return Of(root, JsonNode.Parse(File.ReadAllText(campaignFile))!.AsObject(), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or NullReferenceException)
        {
            throw new CampaignFaultException($"{file} is not a demonstration that can be played: {e.Message}");
        }
    }

    private static DemonstrationFile Of(JsonObject root, JsonObject campaign, string file)
    {
        var before = campaign["pools"]!.AsArray().Count;
        foreach (var list in (string[])["providers", "packs", "pools"])
        {
            foreach (var added in root[list]!.AsArray())
            {
                campaign[list]!.AsArray().Add(added!.DeepClone());
            }
        }

        // One campaign of both, so that the same checks hold for the keys of both.
        var all = ReadCampaign.FromJson(campaign.ToJsonString(), file);
        return new DemonstrationFile(
            all with { Pools = [.. all.Pools.Take(before)] },
            [.. all.Pools.Skip(before).Select(Later)],
            [.. root["applications"]!.AsArray().Select(application => Application(application!.AsObject()))],
            Part<BudgetChange>(root, "budget"),
            Part<List<string>>(root, "delivered"),
            Part<LastDelivery>(root, "lastDelivery"),
            Part<PartPayment>(root, "payments"),
            Part<List<Visitor>>(root, "visitors"));
    }

    private static LaterPool Later(CampaignPool pool)
    {
        var entry = new CampaignEntry(pool.Key, pool.Entry.Without("opensInDays", "closesInDays"));
        return new LaterPool(pool with { Entry = entry }, Days(pool, "opensInDays"), Days(pool, "closesInDays"));
    }

    private static int Days(CampaignPool pool, string field) => pool.Entry.Fields[field]!.GetValue<int>();

    private static OpenApplication Application(JsonObject fields)
    {
        var provider = new CampaignEntry(fields["key"]!.GetValue<string>(), fields);
        return new OpenApplication(new CampaignEntry(provider.Key, provider.Without("reached")), provider.Text("reached")!);
    }

    private static T Part<T>(JsonObject root, string name) => root[name].Deserialize<T>(Strict) ?? throw new JsonException($"{name} is missing.");
}
