using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>The aid of a commitment from a programme, as finance sees it.</summary>
internal sealed record Grant(string CommitmentId, string ProgrammeId, string Status, long ReservedCents, long GrantedCents)
{
    public bool IsReserved => Status == "reserved";
}

/// <summary>Finance's list of aid.</summary>
internal static class Grants
{
    /// <param name="siren">Only those of this business.</param>
    public static async Task<List<Grant>> OfPoolAsync(Stage stage, string poolId, CancellationToken ct, string? siren = null)
    {
        var items = await stage.Api.ListAsync($"/api/subsidies/grants?poolId={poolId}{(siren is null ? "" : "&siren=" + siren)}", stage.Town.Finance, ct);
        return items.Select(item => new Grant(
            item.GetProperty("commitmentId").GetString()!,
            item.GetProperty("programmeId").GetString()!,
            item.GetProperty("status").GetString()!,
            Cents(item, "reservedCents"),
            Cents(item, "grantedCents"))).ToList();
    }

    /// <summary>An amount, zero when there is none.</summary>
    public static long Cents(JsonElement item, string field) =>
        item.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;
}
