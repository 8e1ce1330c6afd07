using System.Text.RegularExpressions;
using Dapper;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Subsidies.Reports;

/// <summary>
/// A grant that an act made and that still holds something, as the yearly files need it: amounts in cents, as they are
/// now (a short delivery or a default after the year's end has lowered them). A grant belongs to the year of its act.
/// </summary>
/// <param name="Id">The grant.</param>
/// <param name="ActNumber">The act that made it.</param>
/// <param name="GrantedAt">When (UTC).</param>
/// <param name="Siren">The business.</param>
/// <param name="Siret">Its SIRET; null on grants older than the field.</param>
/// <param name="Name">Its name; likewise.</param>
/// <param name="Departement">Its département.</param>
/// <param name="Category">What was bought.</param>
/// <param name="ProgrammeId">The programme.</param>
/// <param name="Programme">Its name.</param>
/// <param name="Funder">Who pays.</param>
/// <param name="FunderSiret">Its SIRET, when it was given.</param>
/// <param name="LegalBasis">The programme's own, when it was given.</param>
/// <param name="DeMinimis">Whether the aid is de minimis.</param>
/// <param name="ValidUntil">The end of the programme's validity, exclusive (UTC).</param>
/// <param name="GrantedCents">Granted.</param>
/// <param name="PaidCents">Of which paid.</param>
/// <param name="RecoveredCents">Of which claimed back.</param>
/// <param name="FirstPaidAt">The first payment that stands (UTC).</param>
/// <param name="LastPaidAt">The last (UTC).</param>
public sealed partial record GrantedAid(
    Guid Id, string ActNumber, DateTime GrantedAt, string Siren, string? Siret, string? Name, string Departement, string Category, Guid ProgrammeId, string Programme, string Funder,
    string? FunderSiret, string? LegalBasis, bool DeMinimis, DateTime ValidUntil, long GrantedCents, long PaidCents, long RecoveredCents, DateTime? FirstPaidAt, DateTime? LastPaidAt)
{
    private const string Sql =
        """
        select g.id, g.act_number, g.counts_from as granted_at, g.siren, c.siret, c.organisation_name as name, c.departement, c.category, p.id as programme_id, p.name as programme, p.funder,
          p.funder_siret, p.legal_basis, p.de_minimis, p.valid_until, g.granted_cents, g.paid_cents, g.recovered_cents, pay.first_paid_at, pay.last_paid_at
        from aid_grant g join commitment c on c.id = g.commitment_id join programme p on p.id = g.programme_id
        left join lateral (
          select min(e.at) as first_paid_at, max(e.at) as last_paid_at from ledger_entry e
          where g.paid_cents > 0 and e.reference = g.id and e.debit_account = 'paid' and not exists (select from ledger_entry r where r.reverses = e.sequence)
        ) pay on true
        where g.act_number is not null and g.granted_cents > 0 and (@StartsAt::timestamptz is null or g.counts_from >= @StartsAt) and (@EndsAt::timestamptz is null or g.counts_from < @EndsAt)
          and (not @onlyDeMinimis or p.de_minimis) and (@after::text is null
            or (split_part(g.act_number, '-', 2)::bigint, split_part(g.act_number, '-', 3)::bigint) > (split_part(@after, '-', 2)::bigint, split_part(@after, '-', 3)::bigint))
        order by split_part(g.act_number, '-', 2)::bigint, split_part(g.act_number, '-', 3)::bigint limit @limit
        """;

    /// <summary>One page, in the order of the acts.</summary>
    public static async Task<Page<GrantedAid>> PageAsync(NpgsqlConnection db, Period period, bool onlyDeMinimis, PageQuery page)
    {
        var after = page.After.Count == 0 ? null : page.After[^1];
        if (after is not null && !ActNumberPattern().IsMatch(after))
        {
            throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
        }

        return page.Of((await db.QueryAsync<GrantedAid>(Sql, new { period.StartsAt, period.EndsAt, onlyDeMinimis, after, limit = (int?)page.Limit + 1 })).AsList(), g => [g.ActNumber]);
    }

    /// <summary>All of them, in the order of the acts, as they are read.</summary>
    public static IAsyncEnumerable<GrantedAid> AllAsync(NpgsqlConnection db, Period period, bool onlyDeMinimis) =>
        db.QueryUnbufferedAsync<GrantedAid>(Sql, new { period.StartsAt, period.EndsAt, onlyDeMinimis, after = (string?)null, limit = (int?)null });

    [GeneratedRegex(@"^ACT-\d{4}-\d{6,12}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ActNumberPattern();
}
