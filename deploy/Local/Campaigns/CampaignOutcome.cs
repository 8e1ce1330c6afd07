using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Marketplace.Local.Campaigns;

/// <summary>What every pool, commitment (<c>pool/business</c>) and programme of a campaign came to, by key of the file.</summary>
/// <param name="ToppedUp">Commitments that got more at confirmation than was reserved for them.</param>
public sealed record CampaignOutcome(
    IReadOnlyDictionary<string, PoolOutcome> Pools,
    IReadOnlyDictionary<string, CommitmentOutcome> Commitments,
    IReadOnlyDictionary<string, ProgrammeOutcome> Programmes,
    int ToppedUp)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>What became of the aid between grant and bank, when the campaign was played that far.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public BankOutcome? Bank { get; init; }

    /// <summary>What went otherwise than the campaign meant it.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Refusals { get; init; } = [];

    /// <summary>The text of a result file.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json) + "\n";
}

/// <summary>A pool's outcome. One that failed has no price, and nothing ordered.</summary>
/// <param name="OrderedQuantity">Sum of what was allocated.</param>
/// <param name="CommitmentCount">Commitments that something was allocated to.</param>
public sealed record PoolOutcome(string Status, long? AwardedUnitPriceCents, long OrderedQuantity, int CommitmentCount);

/// <summary>A commitment's outcome; only a status when it came to nothing.</summary>
public sealed record CommitmentOutcome(string Status)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? AllocatedQuantity { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? UnitPriceCents { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? NetCents { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? VatCents { get; init; }

    /// <summary>Aid in cents by programme, zeros included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, long>? Aid { get; init; }

    /// <summary>The limits that bit, by programme; those without are not named.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? LimitedBy { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? AidCents { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? PayableCents { get; init; }
}

/// <summary>A programme's outcome.</summary>
/// <param name="HeldCents">Reserved, granted and paid.</param>
public sealed record ProgrammeOutcome(long BudgetCents, long HeldCents, long AvailableCents);
