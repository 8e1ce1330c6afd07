using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Accreditation.Applications;

/// <summary>A document of an application, without its content.</summary>
public sealed record EvidenceSummary(string CriterionKey, string MediaType, int Size, string Sha256, DateOnly? ExpiresOn, DateTime UploadedAt);

/// <summary>Who assessed an application, for the eyes of assessors.</summary>
public sealed record Assessment(Guid[] Evaluators, Guid? DecidedBy);

/// <summary>
/// An application as its provider and the assessors see it, with the account that it would be paid on; lists leave out
/// what follows the constructor.
/// </summary>
public sealed record ApplicationView(
    Guid Id,
    int Version,
    string Status,
    int SchemeVersion,
    Guid ProviderId,
    string ProviderName,
    string Siret,
    string[] Categories,
    string[] Territories,
    DateTime CreatedAt,
    DateTime? SubmittedAt,
    string? ReturnReason,
    DateTime? EvaluatedAt,
    DateTime? DecidedAt,
    string? DecisionReason,
    Guid? AccreditationId,
    string? Iban)
{
    /// <summary>The SQL that reads it from <c>application a</c> and its accreditation, up to the <c>where</c>.</summary>
    public const string Select =
        """
        select a.id, a.version, a.status, a.scheme_version, a.provider_id, a.provider_name, a.siret, a.categories, a.territories,
               a.created_at, a.submitted_at, a.return_reason, a.evaluated_at, a.decided_at, a.decision_reason, r.id as accreditation_id, a.iban
        from application a left join accreditation r on r.application_id = a.id
        """;

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<EvidenceSummary>? Evidence { get; init; }

    /// <summary>Keys of the mandatory criteria that have no document in force.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? MissingEvidence { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<Finding>? Findings { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Assessment? Assessment { get; init; }

    /// <summary>The organisation whose applications the caller is confined to; null for assessors, who see all.</summary>
    public static Guid? Confinement(Caller caller) => caller.Has(Roles.Assessor) ? null : caller.OrganisationId ?? Guid.Empty;

    /// <summary>One application with its documents and findings; null when there is none that the caller may know of.</summary>
    public static async Task<ApplicationView?> ReadAsync(NpgsqlConnection db, Guid id, Caller caller, DateTime now)
    {
        var view = await db.QuerySingleOrDefaultAsync<ApplicationView>(
            Select + " where a.id = @id and (@confinement::uuid is null or a.provider_id = @confinement)", new { id, confinement = Confinement(caller) });
        if (view is null)
        {
            return null;
        }

        var evidence = await db.QueryAsync<EvidenceSummary>(
            "select criterion_key, media_type, size, sha256, expires_on, uploaded_at from evidence where application_id = @id order by criterion_key", new { id });
        var findings = await db.QuerySingleAsync<string?>("select findings::text from application where id = @id", new { id });
        var assessment = await db.QuerySingleAsync<Assessment>("select evaluators, decided_by from application where id = @id", new { id });
        return view with
        {
            Evidence = evidence.AsList(),
            MissingEvidence = [.. (await RequiredEvidence.ReadAsync(db, id)).Where(r => r.IsMissing(DateOnly.FromDateTime(now))).Select(r => r.CriterionKey)],
            Findings = findings is null ? [] : JsonSerializer.Deserialize<List<Finding>>(findings, Json.Options),
            Assessment = caller.Has(Roles.Assessor) ? assessment : null,
        };
    }
}
