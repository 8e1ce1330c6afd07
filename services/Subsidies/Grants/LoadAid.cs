using Dapper;
using Marketplace.Subsidies.Beneficiaries;
using Npgsql;

namespace Marketplace.Subsidies.Grants;

/// <summary>Reads commitments and the book they are computed in; set-based, whatever their number.</summary>
public static class LoadAid
{
    /// <summary>The columns of <see cref="Commitment"/>.</summary>
    public const string CommitmentColumns =
        "id, pool_id, siren, departement, headcount, turnover_cents, category, programme_ids, net_cents, joined_at, placed_version, status, aid_version, organisation_name, siret";

    private const string TermsColumns =
        """
        id, funder, rate_bps, cap_cents, window_months, min_spend_cents, max_base_cents, categories, territories, max_headcount, max_turnover_cents,
        intensity_ceiling_bps, priority, de_minimis, valid_from, valid_until
        """;

    /// <summary>Commitments in join order: first come, first served.</summary>
    /// <param name="db">The connection.</param>
    /// <param name="condition">SQL condition on the table <c>commitment</c>.</param>
    /// <param name="parameters">Its parameters.</param>
    public static async Task<List<Commitment>> CommitmentsAsync(NpgsqlConnection db, string condition, object? parameters = null) =>
        (await db.QueryAsync<Commitment>($"select {CommitmentColumns} from commitment where {condition} order by joined_at, id", parameters)).AsList();

    /// <summary>The book for these commitments: their programmes, and all holds and declarations of their single undertakings.</summary>
    public static Task<Book> BookAsync(NpgsqlConnection db, IReadOnlyList<Commitment> commitments) =>
        BookAsync(db, commitments.SelectMany(c => c.ProgrammeIds).Distinct().ToArray(), commitments.Select(c => c.Siren).Distinct().ToArray());

    /// <summary>The book for these programmes and businesses.</summary>
    public static async Task<Book> BookAsync(NpgsqlConnection db, Guid[] programmeIds, string[] sirens)
    {
        var undertakings = await SingleUndertaking.OfAsync(db, sirens);
        await using var rows = await db.QueryMultipleAsync(
            $"""
            select {TermsColumns} from programme where id = any(@programmeIds);
            select id, budget_cents - reserved_cents - granted_cents - paid_cents - recovered_cents as available_cents from programme where id = any(@programmeIds);
            select g.siren, g.commitment_id, g.programme_id, p.de_minimis, g.status <> 'reserved' as granted, g.reserved_cents + g.granted_cents - g.recovered_cents as amount_cents, g.counts_from
            from aid_grant g join programme p on p.id = g.programme_id
            where g.siren = any(@members) and g.status <> 'released' and g.reserved_cents + g.granted_cents > g.recovered_cents;
            select siren, granted_on, amount_cents from declared_aid where siren = any(@members) and de_minimis;
            """, new { programmeIds, members = undertakings.SelectMany(u => u).Distinct().ToArray() });
        var terms = (await rows.ReadAsync<ProgrammeTerms>()).AsList();
        var available = (await rows.ReadAsync<(Guid Id, long AvailableCents)>()).ToDictionary(r => r.Id, r => r.AvailableCents);
        return new Book(terms.Select(t => (t, available[t.Id])), undertakings, await rows.ReadAsync<Hold>(), await rows.ReadAsync<DeclaredAid>());
    }
}
