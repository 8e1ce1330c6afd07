using Dapper;
using Marketplace.Subsidies.Reports;
using Npgsql;

namespace Marketplace.Subsidies.Periods;

/// <summary>What a programme's accounts held at the end of the year, and how they moved in it; amounts in cents.</summary>
public sealed record ProgrammeClosing(Guid ProgrammeId, string Name, string Funder, Figures AtEnd, Figures Movement);

/// <summary>A closed year.</summary>
/// <param name="Year">The civil year (Europe/Paris).</param>
/// <param name="LastSequence">The last entry of the ledger in it.</param>
/// <param name="LastHash">Its hash, lower-case hex: who keeps it can prove later that nothing before it was changed.</param>
/// <param name="Reason">What was said at the closing.</param>
/// <param name="ClosedBy">By whom.</param>
/// <param name="ClosedAt">When (UTC).</param>
/// <param name="Intact">Whether the ledger still says the same: the hash is there, and the figures add up to those that were stored.</param>
/// <param name="Programmes">The closing figures.</param>
/// <param name="Open">What is dated in the year and not settled, now.</param>
public sealed record PeriodView(
    int Year, long LastSequence, string LastHash, string? Reason, Guid ClosedBy, DateTime ClosedAt, bool Intact, IReadOnlyList<ProgrammeClosing> Programmes, OpenThings Open)
{
    /// <summary>Reads one and adds the ledger up again; null when the year is not closed.</summary>
    public static async Task<PeriodView?> ReadAsync(NpgsqlConnection db, int year)
    {
        if (await db.QuerySingleOrDefaultAsync<Row>($"select {Row.Columns} from closed_period where year = @year", new { year }) is not { } row)
        {
            return null;
        }

        var stored = (await db.QueryAsync<AccountFigure>(
            "select programme_id, account, end_cents, movement_cents from closed_period_figure where year = @year order by programme_id, account", new { year })).AsList();
        var names = (await db.QueryAsync<(Guid Id, string Name, string Funder)>(
            "select id, name, funder from programme where id = any(@ids)", new { ids = stored.Select(f => f.ProgrammeId).Distinct().ToArray() })).ToDictionary(p => p.Id);
        var hash = await db.QuerySingleOrDefaultAsync<byte[]>("select hash from ledger_entry where sequence = @LastSequence", row);
        var intact = hash.AsSpan().SequenceEqual(row.LastHash) && (await LedgerFigures.ReadAsync(db, Period.OfYear(year))).ToHashSet().SetEquals(stored);
        return new PeriodView(
            year, row.LastSequence, Convert.ToHexStringLower(row.LastHash), row.Reason, row.ClosedBy, row.ClosedAt, intact,
            [
                .. stored.GroupBy(f => f.ProgrammeId).Select(g => new ProgrammeClosing(
                    g.Key, names[g.Key].Name, names[g.Key].Funder, Figures.Of(g.ToDictionary(f => f.Account, f => f.EndCents)), Figures.Of(g.ToDictionary(f => f.Account, f => f.MovementCents)))),
            ],
            await OpenThings.ReadAsync(db, year));
    }

    /// <summary>The stored row.</summary>
    public sealed record Row(int Year, long LastSequence, byte[] LastHash, string? Reason, Guid ClosedBy, DateTime ClosedAt)
    {
        /// <summary>The columns.</summary>
        public const string Columns = "year, last_sequence, last_hash, reason, closed_by, closed_at";
    }
}
