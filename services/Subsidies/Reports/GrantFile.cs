using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Npgsql;

namespace Marketplace.Subsidies.Reports;

/// <summary>A file with one row per grant of a period, as JSON pages or as a whole CSV file.</summary>
/// <param name="Name">Last part of its path and first of its file name.</param>
/// <param name="OnlyDeMinimis">Leaves out what is no de minimis aid.</param>
/// <param name="Columns">The columns of the CSV file.</param>
/// <param name="Row">A grant's row.</param>
/// <param name="FixedStyle">Where a schema fixes how the CSV file is written.</param>
/// <param name="NeedsAuthority">Refuses (409) when the SIRET of a granting authority is not known.</param>
public sealed record GrantFile<T>(
    string Name, bool OnlyDeMinimis, IReadOnlyList<Column<T>> Columns, Func<GrantedAid, IConfiguration, T> Row, CsvStyle? FixedStyle = null, bool NeedsAuthority = false)
{
    /// <summary>Maps it, for finance staff.</summary>
    public void Map(IEndpointRouteBuilder routes, string summary) => routes
        .MapGet($"/api/subsidies/reports/{Name}", ReadAsync)
        .RequireRole(Roles.Finance).Produces<Page<T>>().Produces<string>(200, "text/csv").WithTags("Reports").WithSummary(summary);

    private async Task<IResult> ReadAsync([AsParameters] ReportRequest request, PageQuery page, Session session, IConfiguration configuration, CancellationToken ct)
    {
        var period = request.ReadPeriod(needed: true, out var problem);
        if (problem is null && FixedStyle is not null && request.Culture is not null)
        {
            problem = Problem.Invalid("culture", "The schema of this file fixes how it is written.");
        }

        if (problem is not null)
        {
            return (Answer)problem;
        }

        var db = await session.OpenAsync(ct);
        if (NeedsAuthority && await AuthorityProblemAsync(db, period, configuration) is { } unknown)
        {
            return (Answer)unknown;
        }

        if (request.IsCsv)
        {
            return new CsvAnswer<T>($"{Name}{request.Suffix}.csv", FixedStyle ?? request.Style, Columns, GrantedAid.AllAsync(db, period, OnlyDeMinimis).Select(g => Row(g, configuration)));
        }

        var grants = await GrantedAid.PageAsync(db, period, OnlyDeMinimis, page);
        return Answer.Ok(new Page<T>([.. grants.Items.Select(g => Row(g, configuration))], grants.NextCursor));
    }

    private static async Task<Problem?> AuthorityProblemAsync(NpgsqlConnection db, Period period, IConfiguration configuration)
    {
        if (GrantingAuthority.Town(configuration) is not null)
        {
            return null;
        }

        var nameless = (await db.QueryAsync<string>(
            """
            select distinct p.name from aid_grant g join programme p on p.id = g.programme_id
            where p.funder_siret is null and g.granted_cents > 0 and (@StartsAt::timestamptz is null or g.counts_from >= @StartsAt) and (@EndsAt::timestamptz is null or g.counts_from < @EndsAt)
            order by p.name limit 20
            """, period)).AsList();
        return nameless.Count == 0 ? null : Problem.Conflict(
            "granting-authority-unknown",
            "The file needs the SIRET of every granting authority.",
            "Town:Name and Town:Siret are not configured, and these programmes have no SIRET of their funder.",
            new Dictionary<string, object?> { ["programmes"] = nameless });
    }
}
