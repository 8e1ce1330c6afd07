using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.Subsidies.Reports;

/// <summary>
/// What the funders owe each provider, by programme: what they granted, what is due since the service was done, what was
/// paid. Finance staff see all, a provider its own.
/// </summary>
public sealed class ProviderShares : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/provider-shares", ReadAsync)
        .RequireRole(Roles.Finance, Roles.Provider).Produces<Report>().Produces<string>(200, "text/csv").WithTags("Reports").WithSummary("What the funders owe and paid each provider (JSON or CSV)");

    /// <summary>
    /// Amounts in cents. Granted, paid and recovered are totals so far; recovered is part of paid. Owed = due (in no
    /// payment run) + in a run: it ages by the days since the service was done, until the bank has paid it. Overdue is what is older
    /// than the 30 days that a public buyer has (Code de la commande publique, art. R.2192-10): interest runs on it.
    /// </summary>
    public sealed record Share(
        long GrantedCents, long DueCents, long InRunCents, long OwedCents, long PaidCents, long RecoveredCents, long Days0To30Cents, long Days31To60Cents, long Days61To90Cents, long DaysOver90Cents,
        long OverdueCents, DateOnly? OldestServiceDoneOn)
    {
        /// <summary>Both together.</summary>
        public static Share operator +(Share a, Share b) => new(
            a.GrantedCents + b.GrantedCents, a.DueCents + b.DueCents, a.InRunCents + b.InRunCents, a.OwedCents + b.OwedCents, a.PaidCents + b.PaidCents, a.RecoveredCents + b.RecoveredCents,
            a.Days0To30Cents + b.Days0To30Cents, a.Days31To60Cents + b.Days31To60Cents, a.Days61To90Cents + b.Days61To90Cents, a.DaysOver90Cents + b.DaysOver90Cents,
            a.OverdueCents + b.OverdueCents, a.OldestServiceDoneOn < b.OldestServiceDoneOn ? a.OldestServiceDoneOn : b.OldestServiceDoneOn ?? a.OldestServiceDoneOn);

        /// <summary>Nothing.</summary>
        public static Share None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, null);
    }

    /// <summary>One provider and programme. The provider is null where the confirmation of the pool did not tell it.</summary>
    public sealed record Item(Guid? ProviderId, string? ProviderName, Guid ProgrammeId, string Programme, string Funder, Share Share);

    /// <summary>All that were asked for, as of a day in Europe/Paris.</summary>
    public sealed record Report(DateOnly AsOf, IReadOnlyList<Item> Items, Share Totals);

    private static readonly Column<Item>[] Columns =
    [
        new("Provider", "Fournisseur", i => i.ProviderName),
        new("Provider id", "Identifiant du fournisseur", i => i.ProviderId?.ToString()),
        new("Programme", "Dispositif", i => i.Programme),
        new("Funder", "Financeur", i => i.Funder),
        new("Granted", "Attribué", i => new Euros(i.Share.GrantedCents)),
        new("Due", "Dû (service fait)", i => new Euros(i.Share.DueCents)),
        new("In a payment run", "Mandaté", i => new Euros(i.Share.InRunCents)),
        new("Owed", "Reste à payer", i => new Euros(i.Share.OwedCents)),
        new("Paid", "Payé", i => new Euros(i.Share.PaidCents)),
        new("Recovered", "Recouvré", i => new Euros(i.Share.RecoveredCents)),
        new("0-30 days", "0 à 30 jours", i => new Euros(i.Share.Days0To30Cents)),
        new("31-60 days", "31 à 60 jours", i => new Euros(i.Share.Days31To60Cents)),
        new("61-90 days", "61 à 90 jours", i => new Euros(i.Share.Days61To90Cents)),
        new("Over 90 days", "Plus de 90 jours", i => new Euros(i.Share.DaysOver90Cents)),
        new("Overdue", "En retard", i => new Euros(i.Share.OverdueCents)),
        new("Oldest service done", "Plus ancien service fait", i => i.Share.OldestServiceDoneOn),
    ];

    private static async Task<IResult> ReadAsync(
        Guid? providerId, Guid? programmeId, [AsParameters] ReportRequest request, Session session, Caller caller, TimeProvider clock, CancellationToken ct)
    {
        _ = request.ReadPeriod(needed: false, out var problem);
        if (problem is null && (request.Year ?? request.From ?? request.To) is not null)
        {
            problem = Problem.Invalid(request.Year is not null ? "year" : request.From is not null ? "from" : "to", "Shares are those of today.");
        }

        if (problem is not null)
        {
            return (Answer)problem;
        }

        // A provider may not know of the others.
        var own = caller.Has(Roles.Finance) ? providerId : caller.OrganisationId ?? Guid.Empty;
        if (providerId is not null && providerId != own)
        {
            return (Answer)Problem.NotFound("provider");
        }

        var db = await session.OpenAsync(ct);
        if (programmeId is not null && !await db.ExecuteScalarAsync<bool>("select exists (select from programme where id = @programmeId)", new { programmeId }))
        {
            return (Answer)Problem.NotFound("programme");
        }

        var today = ParisDays.Today(clock);
        var items = (await db.QueryAsync<Row>(Sql, new { providerId = own, programmeId, today })).Select(r => r.ToItem()).ToList();
        return request.IsCsv
            ? new CsvAnswer<Item>($"provider-shares-{today:yyyy-MM-dd}.csv", request.Style, Columns, items.ToAsyncEnumerable())
            : Answer.Ok(new Report(today, items, items.Aggregate(Share.None, (sum, i) => sum + i.Share)));
    }

    private sealed record Row(
        Guid? ProviderId, string? ProviderName, Guid ProgrammeId, string Programme, string Funder, long Granted, long Due, long InRun, long Paid, long Recovered, long Fresh, long Month, long TwoMonths,
        long Old, DateOnly? Oldest)
    {
        public Item ToItem() => new(
            ProviderId, ProviderName, ProgrammeId, Programme, Funder,
            new Share(Granted, Due, InRun, Due + InRun, Paid, Recovered, Fresh, Month, TwoMonths, Old, Month + TwoMonths + Old, Oldest));
    }

    private const string Sql =
        """
        with share as (
          select pool.provider_id, pool.provider_name, g.programme_id, g.granted_cents, g.service_done_cents - g.ordered_cents as due, g.ordered_cents - g.paid_cents as in_run, g.paid_cents,
            g.recovered_cents, g.service_done_cents - g.paid_cents as owed, (c.service_done_at at time zone 'Europe/Paris')::date as done_on
          from aid_grant g join commitment c on c.id = g.commitment_id join pool on pool.id = g.pool_id
          where g.granted_cents > 0 and (@providerId::uuid is null or pool.provider_id = @providerId) and (@programmeId::uuid is null or g.programme_id = @programmeId)
        )
        select s.provider_id, max(s.provider_name) as provider_name, p.id as programme_id, p.name as programme, p.funder, sum(s.granted_cents)::bigint as granted, sum(s.due)::bigint as due,
          sum(s.in_run)::bigint as in_run, sum(s.paid_cents)::bigint as paid, sum(s.recovered_cents)::bigint as recovered,
          coalesce(sum(s.owed) filter (where @today - s.done_on <= 30), 0)::bigint as fresh,
          coalesce(sum(s.owed) filter (where @today - s.done_on between 31 and 60), 0)::bigint as month,
          coalesce(sum(s.owed) filter (where @today - s.done_on between 61 and 90), 0)::bigint as two_months,
          coalesce(sum(s.owed) filter (where @today - s.done_on > 90), 0)::bigint as old,
          min(s.done_on) filter (where s.owed > 0) as oldest
        from share s join programme p on p.id = s.programme_id
        group by s.provider_id, p.id order by s.provider_id nulls last, p.id
        """;
}
