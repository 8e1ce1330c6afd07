using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Subsidies.Reports;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// Finance staff take the whole reconciliation to a spreadsheet: one row per grant, from its act to the bank's booking.
/// With days, those whose last payment run is executed in them.
/// </summary>
public sealed class ExportReconciliation : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/reconciliation/export", Export)
        .RequireRole(Roles.Finance).Produces<string>(200, "text/csv").WithTags("Reconciliation").WithSummary("The reconciliation of every grant as CSV");

    /// <summary>A grant as it stands, with its last transfer; amounts in cents, cumulative from stage to stage.</summary>
    public sealed record Row(
        string? ActNumber, string Programme, string Funder, string? Beneficiary, string Siren, Guid PoolId, string? Provider, string Status, long GrantedCents, long CommittedCents, long ServiceDoneCents,
        long OrderedCents, long PaidCents, long RecoveredCents, string? RunNumber, DateOnly? ExecutionDate, string? EndToEndId, string? TransferStatus, string? Outcome, DateOnly? BookingDate)
    {
        /// <summary>What was ordered and is not paid.</summary>
        public long DifferenceCents => OrderedCents - PaidCents;
    }

    /// <summary>The columns of the file.</summary>
    public static IReadOnlyList<Column<Row>> Columns { get; } =
    [
        new("Act number", "Numéro d'acte", r => r.ActNumber),
        new("Programme", "Dispositif", r => r.Programme),
        new("Funder", "Financeur", r => r.Funder),
        new("Beneficiary", "Bénéficiaire", r => r.Beneficiary),
        new("SIREN", "SIREN", r => r.Siren),
        new("Pool", "Groupement d'achat", r => r.PoolId.ToString()),
        new("Provider", "Fournisseur", r => r.Provider),
        new("Grant status", "État de la subvention", r => r.Status),
        new("Granted", "Attribué", r => new Euros(r.GrantedCents)),
        new("Committed", "Engagé", r => new Euros(r.CommittedCents)),
        new("Service done", "Service fait", r => new Euros(r.ServiceDoneCents)),
        new("Ordered", "Mandaté", r => new Euros(r.OrderedCents)),
        new("Paid", "Payé", r => new Euros(r.PaidCents)),
        new("Recovered", "Recouvré", r => new Euros(r.RecoveredCents)),
        new("Payment run", "Lot de paiement", r => r.RunNumber),
        new("Execution date", "Date d'exécution", r => r.ExecutionDate),
        new("End-to-end id", "Identifiant de bout en bout", r => r.EndToEndId),
        new("Transfer status", "État du virement", r => r.TransferStatus),
        new("Outcome", "Rapprochement", r => r.Outcome),
        new("Booking date", "Date comptable", r => r.BookingDate),
        new("Difference", "Écart", r => new Euros(r.DifferenceCents)),
    ];

    private static IResult Export([AsParameters] ReconciliationRequest request, string? format, string? culture, NpgsqlDataSource source)
    {
        var (period, problem) = request.Read();
        if (problem is null && format is not (null or "csv"))
        {
            problem = Problem.Invalid("format", "The only format is csv.");
        }

        var style = CsvStyle.Of(culture);
        if (problem is null && style is null)
        {
            problem = CsvStyle.Unknown;
        }

        return problem is not null
            ? (Answer)problem
            : new CsvAnswer<Row>("reconciliation.csv", style!, Columns, ReadAsync(source, request.ProgrammeId, period));
    }

    private static async IAsyncEnumerable<Row> ReadAsync(NpgsqlDataSource source, Guid? programmeId, Period period)
    {
        await using var db = await source.OpenConnectionAsync();
        await foreach (var row in db.QueryUnbufferedAsync<Row>(RowsSql, new { programmeId, period.From, period.To }))
        {
            yield return row;
        }
    }

    private const string RowsSql =
        """
        select g.act_number, p.name as programme, p.funder, c.organisation_name as beneficiary, g.siren, g.pool_id, coalesce(t.provider_name, l.provider_name) as provider, g.status,
          g.granted_cents, g.committed_cents, g.service_done_cents, g.ordered_cents, g.paid_cents, g.recovered_cents, t.number as run_number, t.execution_date, t.end_to_end_id,
          t.status as transfer_status, coalesce(m.outcome, e.kind) as outcome, m.booking_date
        from aid_grant g join programme p on p.id = g.programme_id join commitment c on c.id = g.commitment_id left join pool l on l.id = g.pool_id
        left join lateral (
          select t.id, t.provider_name, t.end_to_end_id, t.status, t.exact_movement_id, r.number, r.execution_date
          from transfer_grant tg join payment_transfer t on t.id = tg.transfer_id join payment_run r on r.id = t.run_id
          where tg.grant_id = g.id and t.status <> 'cancelled' order by tg.active desc, t.id desc limit 1) t on true
        left join lateral (
          select m.outcome, m.booking_date from bank_movement m where m.transfer_id = t.id or m.id = t.exact_movement_id
          order by m.booking_date desc, m.id desc limit 1) m on true
        left join reconciliation_exception e on e.transfer_id = t.id and e.kind = 'missing' and e.status = 'open'
        where g.granted_cents > 0 and (@programmeId::uuid is null or g.programme_id = @programmeId)
          and (@From::date is null or t.execution_date >= @From) and (@To::date is null or t.execution_date < @To)
        order by g.act_number, g.id
        """;
}
