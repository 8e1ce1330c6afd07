using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>Reads a campaign file and checks what can be checked before anything is started.</summary>
public static class ReadCampaign
{
    private const int MostFaultsShown = 10;

    /// <summary>Reads a file.</summary>
    /// <exception cref="CampaignFaultException">It is missing, not JSON, or not a campaign.</exception>
    public static Campaign FromFile(string file)
    {
        try
        {
            return FromJson(File.ReadAllText(file), file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CampaignFaultException(File.Exists(file) ? $"{file} cannot be read: {e.Message}" : $"There is no campaign file {file}.");
        }
    }

    /// <summary>Reads JSON text.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">What messages call it.</param>
    public static Campaign FromJson(string json, string source)
    {
        var root = Parse(json, source);
        var check = new CheckFields();
        var programmes = check.Entries(root, "programmes", FieldRules.Programme);
        var providers = check.Entries(root, "providers", FieldRules.Provider);
        var packs = check.Entries(root, "packs", FieldRules.Pack);
        var businesses = check.Entries(root, "businesses", FieldRules.Business);
        check.References(packs, "packs", "provider", providers, "providers");
        var pools = check.Entries(root, "pools", FieldRules.Pool);
        check.References(pools, "pools", "pack", packs, "packs");
        var filled = pools.Select((pool, n) => Pool(pool, $"pools[{n}]", programmes, businesses, check)).ToList();
        if (check.Faults.Count > 0)
        {
            var more = check.Faults.Count > MostFaultsShown ? $"{Environment.NewLine}  and {check.Faults.Count - MostFaultsShown} more" : "";
            throw new CampaignFaultException(
                $"{source} is not a campaign that can be played:{string.Concat(check.Faults.Take(MostFaultsShown).Select(fault => Environment.NewLine + "  " + fault))}{more}");
        }

        return new Campaign((root["name"] as JsonValue)?.ToString() ?? Path.GetFileNameWithoutExtension(source), programmes, providers, packs, businesses, filled);
    }

    private static JsonObject Parse(string json, string source)
    {
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false };
            return JsonNode.Parse(json, documentOptions: options) as JsonObject ?? throw new CampaignFaultException($"{source} is not a campaign: it holds no JSON object.");
        }
        catch (JsonException e)
        {
            throw new CampaignFaultException($"{source} is not valid JSON: {e.Message}");
        }
    }

    private static CampaignPool Pool(CampaignEntry pool, string path, IReadOnlyList<CampaignEntry> programmes, IReadOnlyList<CampaignEntry> businesses, CheckFields check)
    {
        var chosen = check.Keys(pool.Fields, path, "programmes", programmes);
        var commitments = new List<CampaignCommitment>();
        var joined = new HashSet<string>();
        foreach (var (commitment, n) in check.Objects(pool.Fields, "commitments", path).Select((commitment, n) => (commitment, n)))
        {
            var where = $"{path}.commitments[{n}]";
            check.Fields(commitment, where, FieldRules.Commitment);
            if (check.Key(commitment, where, "business", businesses, "businesses") is not { } business)
            {
                continue;
            }

            if (!joined.Add(business))
            {
                check.Faults.Add($"{where}.business: '{business}' has a commitment to this pool already");
            }

            var fields = (JsonObject)commitment.DeepClone();
            fields.Remove("business");
            fields.Remove("withdraw");
            fields["paymentMethod"] ??= "pm_card_visa";
            commitments.Add(new CampaignCommitment(business, fields, commitment["withdraw"]?.GetValueKind() == JsonValueKind.True));
        }

        return new CampaignPool(pool, pool.Fields["pack"]?.ToString() ?? "", chosen, commitments);
    }
}
