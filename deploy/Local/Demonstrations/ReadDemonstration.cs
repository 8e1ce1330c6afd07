using System.Text.Json;
using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>Reads a demonstration and the campaign that it goes on from, which lies beside it.</summary>
internal static class ReadDemonstration
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web) { RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true };

    /// <summary>Reads a file.</summary>
    /// <exception cref="CampaignFaultException">It or its campaign is missing, or not a demonstration; says why.</exception>
    public static DemonstrationFile FromFile(string file)
    {
        try
        {
            return FromJson(File.ReadAllText(file), name => File.ReadAllText(Path.Combine(Path.GetDirectoryName(file)!, name)), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CampaignFaultException($"{file} cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="campaign">The text of a campaign, by the name that the demonstration calls it.</param>
    /// <param name="source">What messages call it.</param>
    public static DemonstrationFile FromJson(string json, Func<string, string> campaign, string source)
    {
        try
        {
            var root = JsonNode.Parse(json)!.AsObject();
            return Of(root, JsonNode.Parse(campaign(Part<string>(root, "campaign")))!.AsObject(), source);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new CampaignFaultException($"{source} is not a demonstration that can be played: {e.Message}");
        }
    }

    private static DemonstrationFile Of(JsonObject root, JsonObject campaign, string source)
    {
        var before = Part<JsonArray>(campaign, "pools").Count;
        foreach (var list in (string[])["providers", "packs", "pools"])
        {
            foreach (var added in Part<JsonArray>(root, list))
            {
                campaign[list]!.AsArray().Add(added?.DeepClone());
            }
        }

        // One campaign of both, so that the same checks hold for the keys of both.
        var all = ReadCampaign.FromJson(campaign.ToJsonString(), source);
        foreach (var (pack, description) in Part<Dictionary<string, string>>(root, "descriptions"))
        {
            Known(pack, all.Packs, "pack").Fields["description"] = description;
        }

        var file = new DemonstrationFile(
            all with { Pools = [.. all.Pools.Take(before)] },
            [.. all.Pools.Skip(before).Select(Later)],
            [.. Part<List<JsonObject>>(root, "applications").Select(Application)],
            Part<BudgetChange>(root, "budget"),
            Part<List<string>>(root, "delivered"),
            Part<LastDelivery>(root, "lastDelivery"),
            Part<PartPayment>(root, "payments"),
            Part<List<Visitor>>(root, "visitors"));
        CheckKeys(file);
        return file;
    }

    private static void CheckKeys(DemonstrationFile file)
    {
        foreach (var pool in file.Delivered.Append(file.LastDelivery.Pool))
        {
            Known(pool, [.. file.Campaign.Pools.Select(played => played.Entry)], "pool");
        }

        foreach (var programme in (string[])[file.Budget.Programme, file.Payments.Programme, file.Payments.Waits])
        {
            Known(programme, file.Campaign.Programmes, "programme");
        }

        Known(file.Payments.PaidShort, file.Campaign.Providers, "provider");
    }

    private static CampaignEntry Known(string key, IReadOnlyList<CampaignEntry> entries, string what) =>
        entries.FirstOrDefault(entry => entry.Key == key) ?? throw new FormatException($"there is no {what} '{key}'.");

    private static LaterPool Later(CampaignPool pool)
    {
        var entry = new CampaignEntry(pool.Key, pool.Entry.Without("opensInDays", "closesInDays"));
        return new LaterPool(pool with { Entry = entry }, Part<int>(pool.Entry.Fields, "opensInDays"), Part<int>(pool.Entry.Fields, "closesInDays"));
    }

    private static OpenApplication Application(JsonObject fields)
    {
        var provider = new CampaignEntry(Part<string>(fields, "key"), fields);
        return new OpenApplication(new CampaignEntry(provider.Key, provider.Without("reached")), Part<string>(fields, "reached"));
    }

    private static T Part<T>(JsonObject parent, string name) => parent[name] is { } part ? part.Deserialize<T>(Strict)! : throw new FormatException($"{name} is missing.");
}
