using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>What a town plays through the marketplace. <c>Fields</c> are the file's own, for the API to judge.</summary>
public sealed record Campaign(
    string Name,
    IReadOnlyList<CampaignEntry> Programmes,
    IReadOnlyList<CampaignEntry> Providers,
    IReadOnlyList<CampaignEntry> Packs,
    IReadOnlyList<CampaignEntry> Businesses,
    IReadOnlyList<CampaignPool> Pools)
{
    /// <summary>How many things there are to do, for a progress bar.</summary>
    public int Steps =>
        Programmes.Count + Providers.Count + Packs.Count + Businesses.Count
        + Pools.Sum(pool => 2 + pool.Commitments.Count + pool.Commitments.Count(commitment => commitment.Withdraws));
}

/// <summary>A programme, provider, pack or business.</summary>
/// <param name="Key">Its name within the file.</param>
/// <param name="Fields">Its fields as they are in the file.</param>
public sealed record CampaignEntry(string Key, JsonObject Fields)
{
    /// <summary>The SIREN in its SIRET.</summary>
    public string Siren => new string([.. Text("siret")!.Where(char.IsAsciiDigit).Take(9)]);

    /// <summary>A text field, if it is there.</summary>
    public string? Text(string field) => Fields[field]?.GetValue<string>();

    /// <summary>A list of texts; empty when it is not there.</summary>
    public IReadOnlyList<string> Texts(string field) => (Fields[field] as JsonArray ?? []).Select(node => node!.GetValue<string>()).ToList();

    /// <summary>A copy of the fields without those that mean something only within the file.</summary>
    public JsonObject Without(params string[] fields)
    {
        var copy = (JsonObject)Fields.DeepClone();
        foreach (var field in fields.Append("key"))
        {
            copy.Remove(field);
        }

        return copy;
    }
}

/// <summary>A pool with its commitments, in the order in which they join.</summary>
public sealed record CampaignPool(CampaignEntry Entry, string Pack, IReadOnlyList<string> Programmes, IReadOnlyList<CampaignCommitment> Commitments)
{
    /// <summary>Its name within the file.</summary>
    public string Key => Entry.Key;
}

/// <summary>A commitment to a pool.</summary>
/// <param name="Business">Key of the business.</param>
/// <param name="Fields">Body of the join.</param>
/// <param name="Withdraws">It withdraws after the last has joined.</param>
public sealed record CampaignCommitment(string Business, JsonObject Fields, bool Withdraws);

/// <summary>The campaign file cannot be played; the message says where it is wrong.</summary>
public sealed class CampaignFaultException(string message) : Exception(message);
