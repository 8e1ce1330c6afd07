using System.Text.Json;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>Finance staff list what is reserved, granted and released, each with its frozen calculation.</summary>
public sealed class ListGrants : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/grants", (Guid? programmeId, Guid? poolId, string? siren, string? status, PageQuery page, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(programmeId, poolId, siren, status, page), ct))
        .RequireRole(Roles.Finance);

    /// <summary>The query; absent filters take everything.</summary>
    public sealed record Query(Guid? ProgrammeId, Guid? PoolId, string? Siren, string? Status, PageQuery Page) : IQuery;

    /// <summary>
    /// A row per commitment and programme. Amounts in cents, cumulative: what was paid is also ordered, service-done,
    /// committed and granted. The calculation is the whole commitment's: a part depends on those before it.
    /// </summary>
    public sealed record Grant(
        Guid Id,
        Guid CommitmentId,
        Guid PoolId,
        string Siren,
        Guid ProgrammeId,
        string Status,
        long ReservedCents,
        long GrantedCents,
        long CommittedCents,
        long ServiceDoneCents,
        long OrderedCents,
        long PaidCents,
        long RecoveredCents,
        string? ActNumber,
        string[] LimitedBy,
        Calculation Calculation);

    /// <summary>The stored row.</summary>
    public sealed record Row(
        Guid Id, Guid CommitmentId, Guid PoolId, string Siren, Guid ProgrammeId, string Status, long ReservedCents, long GrantedCents,
        long CommittedCents, long ServiceDoneCents, long OrderedCents, long PaidCents, long RecoveredCents, string? ActNumber, string[] LimitedBy, string Calculation)
    {
        /// <summary>The columns, of <c>aid_grant g</c> and <c>commitment c</c>.</summary>
        public const string Columns =
            """
            g.id, g.commitment_id, g.pool_id, g.siren, g.programme_id, g.status, g.reserved_cents, g.granted_cents, g.committed_cents, g.service_done_cents, g.ordered_cents,
            g.paid_cents, g.recovered_cents, g.act_number, g.limited_by, c.calculation::text as calculation
            """;

        /// <summary>As it is answered.</summary>
        public Grant ToGrant() => new(
            Id, CommitmentId, PoolId, Siren, ProgrammeId, Status, ReservedCents, GrantedCents, CommittedCents, ServiceDoneCents, OrderedCents, PaidCents, RecoveredCents, ActNumber,
            LimitedBy, JsonSerializer.Deserialize<Calculation>(Calculation, Json.Options)!);
    }

    /// <summary>Reads.</summary>
    public sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            if (request.Status is not null && !GrantStatus.All.Contains(request.Status))
            {
                return Problem.Invalid("status", $"A status is one of {string.Join(", ", GrantStatus.All)}.");
            }

            if (request.Siren is not null && Beneficiaries.Siren.Parse(request.Siren) is null)
            {
                return Problem.Invalid("siren", "A SIREN has 9 digits, the last of which checks the others.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = (await db.QueryAsync<Row>(
                $"""
                select {Row.Columns} from aid_grant g join commitment c on c.id = g.commitment_id
                where (@ProgrammeId::uuid is null or g.programme_id = @ProgrammeId) and (@PoolId::uuid is null or g.pool_id = @PoolId)
                  and (@siren::text is null or g.siren = @siren) and (@Status::text is null or g.status = @Status) and (@after::uuid is null or g.id > @after)
                order by g.id limit @limit
                """,
                new { request.ProgrammeId, request.PoolId, siren = Beneficiaries.Siren.Parse(request.Siren), request.Status, after = request.Page.AfterId, limit = request.Page.Limit + 1 })).AsList();
            return Answer.Ok(request.Page.Of(rows.Select(r => r.ToGrant()).ToList(), g => [g.Id.ToString()]));
        }
    }
}
