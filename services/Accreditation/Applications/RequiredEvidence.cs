using Dapper;
using Npgsql;

namespace Marketplace.Accreditation.Applications;

/// <summary>A criterion that is mandatory for the application's categories, and the document put in for it.</summary>
/// <param name="CriterionKey">The criterion.</param>
/// <param name="Provided">Whether there is a document.</param>
/// <param name="ExpiresOn">When the document ends; null when it has no end, or is absent.</param>
public sealed record RequiredEvidence(string CriterionKey, bool Provided, DateOnly? ExpiresOn)
{
    /// <summary>True when there is no document, or one that ended before <paramref name="today"/>.</summary>
    public bool IsMissing(DateOnly today) => !Provided || ExpiresOn < today;

    /// <summary>The mandatory criteria of the scheme that the application was opened under, for its categories.</summary>
    public static async Task<IReadOnlyList<RequiredEvidence>> ReadAsync(NpgsqlConnection db, Guid applicationId) =>
        (await db.QueryAsync<RequiredEvidence>(
            """
            select c.key as criterion_key, e.criterion_key is not null as provided, e.expires_on
            from application a
            join criterion c on c.scheme_version = a.scheme_version and c.mandatory and c.categories && a.categories
            left join evidence e on e.application_id = a.id and e.criterion_key = c.key
            where a.id = @applicationId order by c.position
            """, new { applicationId })).AsList();
}
