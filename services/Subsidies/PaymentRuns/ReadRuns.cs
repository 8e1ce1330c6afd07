using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>Finance staff read the payment runs, newest first, and which grant is paid by which transfer.</summary>
public sealed class ReadRuns : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/subsidies/payment-runs", (Guid? programmeId, string? status, PageQuery page, IMediator mediator, CancellationToken ct) =>
                mediator.Send(new All(programmeId, status, page), ct))
            .RequireRole(Roles.Finance).Produces<Page<Summary>>().WithTags("Payment runs").WithSummary("The payment runs, newest first");
        routes.MapGet("/api/subsidies/payment-runs/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .RequireRole(Roles.Finance).Produces<PaymentRun>().WithTags("Payment runs").WithSummary("One payment run with its transfers");
        routes.MapGet("/api/subsidies/payment-runs/{id:guid}/grants", (Guid id, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Grants(id, page), ct))
            .RequireRole(Roles.Finance).Produces<Page<RunGrant>>().WithTags("Payment runs").WithSummary("Which grant is paid by which transfer");
    }

    /// <summary>The query; absent filters take everything.</summary>
    public sealed record All(Guid? ProgrammeId, string? Status, PageQuery Page) : IQuery;

    /// <summary>One run.</summary>
    public sealed record One(Guid Id) : IQuery;

    /// <summary>The grants of a run.</summary>
    public sealed record Grants(Guid Id, PageQuery Page) : IQuery;

    /// <summary>A run in the list, without its transfers.</summary>
    public sealed record Summary(
        Guid Id, string Number, string Status, Guid ProgrammeId, DateOnly ExecutionDate, long TotalCents, int TransferCount,
        Guid PreparedBy, DateTime PreparedAt, Guid? ApprovedBy, DateTime? ApprovedAt, int Version);

    /// <summary>A grant's part of a transfer, in cents; not active once the transfer is paid, rejected, closed or cancelled.</summary>
    public sealed record RunGrant(
        Guid GrantId, Guid TransferId, string EndToEndId, Guid ProviderId, Guid CommitmentId, string Siren, string? ActNumber, long AmountCents, bool Active, string GrantStatus);

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<All, Answer>, IRequestHandler<One, Answer>, IRequestHandler<Grants, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(All request, CancellationToken cancellationToken)
        {
            if (request.Status is not null && !RunStatus.All.Contains(request.Status))
            {
                return Problem.Invalid("status", $"A status is one of {string.Join(", ", RunStatus.All)}.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Summary>(
                """
                select id, number, status, programme_id, execution_date, total_cents, transfer_count, prepared_by, prepared_at, approved_by, approved_at, version from payment_run
                where (@ProgrammeId::uuid is null or programme_id = @ProgrammeId) and (@Status::text is null or status = @Status) and (@after::uuid is null or id < @after)
                order by id desc limit @limit
                """,
                new { request.ProgrammeId, request.Status, after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows, r => [r.Id.ToString()]));
        }

        /// <inheritdoc />
        public async Task<Answer> Handle(One request, CancellationToken cancellationToken) =>
            await PaymentRun.ReadAsync(await session.OpenAsync(cancellationToken), request.Id) is { } run ? Answer.Ok(run, run.Version) : Problem.NotFound("payment run");

        /// <inheritdoc />
        public async Task<Answer> Handle(Grants request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (!await db.ExecuteScalarAsync<bool>("select exists (select from payment_run where id = @Id)", new { request.Id }))
            {
                return Problem.NotFound("payment run");
            }

            var rows = (await db.QueryAsync<RunGrant>(
                """
                select r.grant_id, r.transfer_id, t.end_to_end_id, t.provider_id, g.commitment_id, g.siren, g.act_number, r.amount_cents, r.active, g.status as grant_status
                from payment_transfer t join transfer_grant r on r.transfer_id = t.id join aid_grant g on g.id = r.grant_id
                where t.run_id = @Id and (@after::uuid is null or r.grant_id > @after)
                order by r.grant_id limit @limit
                """,
                new { request.Id, after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows, g => [g.GrantId.ToString()]));
        }
    }
}
