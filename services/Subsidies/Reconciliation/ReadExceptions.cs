using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// An exception as it is answered; amounts in cents. <c>AmountCents</c> is the movement's (&lt; 0 came in, 0 for missing),
/// <c>ExpectedCents</c> what would have been exact. One without a programme is about a movement that belongs to none.
/// </summary>
public sealed record ExceptionView(
    Guid Id, string Kind, string Status, Guid? MovementId, Guid? StatementId, int? Line, Guid? TransferId, Guid? RunId, string? RunNumber, Guid? ProgrammeId, string? EndToEndId, Guid? ProviderId,
    string? ProviderName, string? Iban, string? Reference, string? ReturnReason, long AmountCents, long? ExpectedCents, DateOnly? BookingDate, DateOnly? ExecutionDate, string Detail, DateTime RaisedAt,
    string? Resolution, string? Reason, Guid? ResolvedBy, DateTime? ResolvedAt, int Version)
{
    /// <summary>Reads them; to be completed by a condition on <c>e</c> (the exception), <c>m</c> (its movement) and <c>r</c> (its run).</summary>
    public const string Select =
        """
        select e.id, e.kind, e.status, e.movement_id, m.statement_id, m.line, e.transfer_id, e.run_id, r.number as run_number, e.programme_id, coalesce(t.end_to_end_id, m.end_to_end_id) as end_to_end_id,
          t.provider_id, t.provider_name, coalesce(m.iban, t.iban) as iban, m.reference, m.return_reason, e.amount_cents, e.expected_cents, m.booking_date, r.execution_date, e.detail, e.raised_at,
          e.resolution, e.reason, e.resolved_by, e.resolved_at, e.version
        from reconciliation_exception e left join bank_movement m on m.id = e.movement_id left join payment_transfer t on t.id = e.transfer_id left join payment_run r on r.id = e.run_id
        """;

    /// <summary>One; null when there is none.</summary>
    public static Task<ExceptionView?> OneAsync(NpgsqlConnection db, Guid id) => db.QuerySingleOrDefaultAsync<ExceptionView>($"{Select} where e.id = @id", new { id });
}

/// <summary>Finance staff list the exceptions, oldest first, and read one with its history.</summary>
public sealed class ReadExceptions : IEndpoint
{
    private static readonly string[] Statuses = ["open", "resolved"];

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/reconciliation/exceptions", (string? status, string? kind, Guid? programmeId, PageQuery page, IMediator mediator, CancellationToken ct) =>
                mediator.Send(new All(status, kind, programmeId, page), ct))
            .RequireRole(Roles.Finance).Produces<Page<ExceptionView>>().WithTags("Reconciliation").WithSummary("The exceptions, oldest first");
        routes.MapGet("/api/subsidies/reconciliation/exceptions/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .RequireRole(Roles.Finance).Produces<WithHistory>().WithTags("Reconciliation").WithSummary("An exception with its history");
    }

    /// <summary>The query; absent filters take everything. What belongs to no programme is in every programme's list.</summary>
    public sealed record All(string? Status, string? Kind, Guid? ProgrammeId, PageQuery Page) : IQuery;

    /// <summary>One of them.</summary>
    public sealed record One(Guid Id) : IQuery;

    /// <summary>One of them and all that happened to it, oldest first.</summary>
    public sealed record WithHistory(ExceptionView Exception, IReadOnlyList<RecordedFact> History);

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session, FactLog facts) : IRequestHandler<All, Answer>, IRequestHandler<One, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(All request, CancellationToken cancellationToken)
        {
            if (request.Status is not null && !Statuses.Contains(request.Status))
            {
                return Problem.Invalid("status", "A status is open or resolved.");
            }

            if (request.Kind is not null && !Outcomes.Exceptions.Contains(request.Kind))
            {
                return Problem.Invalid("kind", $"A kind is one of {string.Join(", ", Outcomes.Exceptions)}.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<ExceptionView>(
                $"""
                {ExceptionView.Select}
                where (@Status::text is null or e.status = @Status) and (@Kind::text is null or e.kind = @Kind)
                  and (@ProgrammeId::uuid is null or e.programme_id = @ProgrammeId or e.programme_id is null) and (@after::uuid is null or e.id > @after)
                order by e.id limit @limit
                """,
                new { request.Status, request.Kind, request.ProgrammeId, after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows, e => [e.Id.ToString()]));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(One request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            return await ExceptionView.OneAsync(db, request.Id) is { } exception
                ? Answer.Ok(new WithHistory(exception, await facts.HistoryAsync(request.Id, cancellationToken)), exception.Version)
                : Problem.NotFound("exception");
        }
    }
}
