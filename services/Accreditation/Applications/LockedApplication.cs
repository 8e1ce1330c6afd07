using System.Text.Json;
using Dapper;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Accreditation.Applications;

/// <summary>An application as a step finds it; its row stays locked until the step's transaction ends.</summary>
public sealed record LockedApplication(
    Guid Id,
    int Version,
    int SchemeVersion,
    Guid ProviderId,
    string ProviderName,
    string Siret,
    string[] Categories,
    string[] Territories,
    string Status,
    Guid[] Evaluators,
    string? Findings,
    string? Iban)
{
    /// <summary>The keys of the criteria that the last evaluation found not met.</summary>
    public IReadOnlyList<string> UnmetCriteria => Findings is null
        ? []
        : [.. JsonSerializer.Deserialize<List<Finding>>(Findings, Json.Options)!.Where(f => !f.Met).Select(f => f.CriterionKey)];

    /// <summary>
    /// Locks the application: of two steps at the same instant, the second sees what the first did. Null when there is
    /// none, or none of the <paramref name="providerId"/> when one is given.
    /// </summary>
    public static Task<LockedApplication?> ReadAsync(NpgsqlConnection db, Guid id, Guid? providerId = null) =>
        db.QuerySingleOrDefaultAsync<LockedApplication>(
            """
            select id, version, scheme_version, provider_id, provider_name, siret, categories, territories, status, evaluators, findings::text, iban
            from application
            where id = @id and (@providerId::uuid is null or provider_id = @providerId)
            for update
            """, new { id, providerId });
}
