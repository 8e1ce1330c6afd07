using System.Data;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Subsidies.Reports;

/// <summary>Where every euro of every envelope was at the end of a period, and what moved in it, by the ledger.</summary>
public sealed class ProgrammeReport : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/reports/programmes", ReadAsync)
        .RequireRole(Roles.Finance).Produces<Report>().Produces<string>(200, "text/csv").WithTags("Reports").WithSummary("Each programme's figures at the end of a period and its movements (JSON or CSV)");

    /// <summary>
    /// A programme. The differences are between what the ledger says and what the envelope and the grants hold now, in
    /// cents: 0 when all is right; null for a period that is over, with which now cannot be compared.
    /// </summary>
    public sealed record Item(Guid ProgrammeId, string Name, string Funder, Figures AtEnd, Figures Movement, long? EnvelopeDifferenceCents, long? GrantsDifferenceCents);

    /// <summary>All of them, in the order they were opened. Amounts in cents.</summary>
    public sealed record Report(DateOnly? From, DateOnly? To, IReadOnlyList<Item> Items, Figures TotalAtEnd, Figures TotalMovement);

    /// <summary>A programme's envelope, and what its grants hold in each stage, now.</summary>
    public sealed record Now(
        Guid Id, string Name, string Funder, long BudgetCents, long ReservedCents, long GrantedCents, long PaidCents, long RecoveredCents,
        long GrantsReserved, long GrantsGranted, long GrantsCommitted, long GrantsServiceDone, long GrantsOrdered, long GrantsPaid, long GrantsRecovered);

    /// <summary>The columns of the file.</summary>
    public static IReadOnlyList<Column<Item>> Columns { get; } =
    [
        new("Programme", "Dispositif", i => i.Name),
        new("Funder", "Financeur", i => i.Funder),
        .. Amounts("", "", i => i.AtEnd),
        .. Amounts(" (movement)", " (mouvement)", i => i.Movement),
        new("Difference to envelope", "Écart avec l'enveloppe", i => i.EnvelopeDifferenceCents is { } cents ? new Euros(cents) : null),
        new("Difference to grants", "Écart avec les subventions", i => i.GrantsDifferenceCents is { } cents ? new Euros(cents) : null),
    ];

    /// <summary>Σ |ledger − envelope| over the parts that an envelope tells apart, in cents. Pure.</summary>
    public static long EnvelopeDifference(Figures ledger, Now now) =>
        Apart(ledger.VotedCents, now.BudgetCents) + Apart(ledger.ReservedCents, now.ReservedCents)
        + Apart(ledger.GrantedCents + ledger.CommittedCents + ledger.ServiceDoneCents + ledger.OrderedCents, now.GrantedCents)
        + Apart(ledger.PaidCents, now.PaidCents) + Apart(ledger.RecoveredCents, now.RecoveredCents)
        + Apart(ledger.AvailableCents, now.BudgetCents - now.ReservedCents - now.GrantedCents - now.PaidCents - now.RecoveredCents);

    /// <summary>Σ |ledger − grants| over the stages, in cents; the grants' amounts are cumulative. Pure.</summary>
    public static long GrantsDifference(Figures ledger, Now now) =>
        Apart(ledger.ReservedCents, now.GrantsReserved) + Apart(ledger.GrantedCents, now.GrantsGranted - now.GrantsCommitted) + Apart(ledger.CommittedCents, now.GrantsCommitted - now.GrantsServiceDone)
        + Apart(ledger.ServiceDoneCents, now.GrantsServiceDone - now.GrantsOrdered) + Apart(ledger.OrderedCents, now.GrantsOrdered - now.GrantsPaid)
        + Apart(ledger.PaidCents, now.GrantsPaid - now.GrantsRecovered) + Apart(ledger.RecoveredCents, now.GrantsRecovered);

    private static async Task<IResult> ReadAsync([AsParameters] ReportRequest request, Guid? programmeId, NpgsqlDataSource source, TimeProvider clock, CancellationToken ct)
    {
        var period = request.ReadPeriod(needed: false, out var problem);
        if (problem is not null)
        {
            return (Answer)problem;
        }

        // Ledger, envelopes and grants of one instant, whatever is written meanwhile.
        await using var db = await source.OpenConnectionAsync(ct);
        await using var snapshot = await db.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var programmes = (await db.QueryAsync<Now>(NowSql, new { programmeId })).AsList();
        if (programmeId is not null && programmes.Count == 0)
        {
            return (Answer)Problem.NotFound("programme");
        }

        var figures = (await LedgerFigures.ReadAsync(db, period, programmeId)).ToLookup(f => f.ProgrammeId);
        var isOpen = period.EndsAt is null || period.EndsAt > clock.GetUtcNow().UtcDateTime;
        var items = programmes.Select(p => ToItem(p, figures[p.Id].ToList(), isOpen)).ToList();
        return request.IsCsv
            ? new CsvAnswer<Item>($"programmes{request.Suffix}.csv", request.Style, Columns, items.ToAsyncEnumerable())
            : Answer.Ok(new Report(period.From, period.To, items, items.Aggregate(Figures.None, (sum, i) => sum + i.AtEnd), items.Aggregate(Figures.None, (sum, i) => sum + i.Movement)));
    }

    private static Item ToItem(Now now, List<AccountFigure> figures, bool isOpen)
    {
        var atEnd = Figures.Of(figures.ToDictionary(f => f.Account, f => f.EndCents));
        var movement = Figures.Of(figures.ToDictionary(f => f.Account, f => f.MovementCents));
        return new Item(now.Id, now.Name, now.Funder, atEnd, movement, isOpen ? EnvelopeDifference(atEnd, now) : null, isOpen ? GrantsDifference(atEnd, now) : null);
    }

    private static long Apart(long a, long b) => Math.Abs(a - b);

    private static Column<Item>[] Amounts(string ending, string frenchEnding, Func<Item, Figures> of) =>
    [
        new("Voted" + ending, "Voté" + frenchEnding, i => new Euros(of(i).VotedCents)),
        new("Available" + ending, "Disponible" + frenchEnding, i => new Euros(of(i).AvailableCents)),
        new("Reserved" + ending, "Réservé" + frenchEnding, i => new Euros(of(i).ReservedCents)),
        new("Granted" + ending, "Attribué" + frenchEnding, i => new Euros(of(i).GrantedCents)),
        new("Committed" + ending, "Engagé" + frenchEnding, i => new Euros(of(i).CommittedCents)),
        new("Service done" + ending, "Service fait" + frenchEnding, i => new Euros(of(i).ServiceDoneCents)),
        new("Ordered" + ending, "Mandaté" + frenchEnding, i => new Euros(of(i).OrderedCents)),
        new("Paid" + ending, "Payé" + frenchEnding, i => new Euros(of(i).PaidCents)),
        new("Recovered" + ending, "Recouvré" + frenchEnding, i => new Euros(of(i).RecoveredCents)),
        new("Released" + ending, "Désengagé" + frenchEnding, i => new Euros(of(i).ReleasedCents)),
    ];

    private const string NowSql =
        """
        select p.id, p.name, p.funder, p.budget_cents, p.reserved_cents, p.granted_cents, p.paid_cents, p.recovered_cents,
          coalesce(g.reserved, 0)::bigint as grants_reserved, coalesce(g.granted, 0)::bigint as grants_granted, coalesce(g.committed, 0)::bigint as grants_committed,
          coalesce(g.service_done, 0)::bigint as grants_service_done, coalesce(g.ordered, 0)::bigint as grants_ordered, coalesce(g.paid, 0)::bigint as grants_paid,
          coalesce(g.recovered, 0)::bigint as grants_recovered
        from programme p left join (
          select programme_id, sum(reserved_cents) as reserved, sum(granted_cents) as granted, sum(committed_cents) as committed, sum(service_done_cents) as service_done,
            sum(ordered_cents) as ordered, sum(paid_cents) as paid, sum(recovered_cents) as recovered
          from aid_grant where @programmeId::uuid is null or programme_id = @programmeId group by programme_id
        ) g on g.programme_id = p.id
        where @programmeId::uuid is null or p.id = @programmeId order by p.id
        """;
}
