using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Grants;

/// <summary>Finance staff have a figure computed again from its frozen inputs, by the rules as they are in the code today.</summary>
public sealed class RecomputeGrant : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/grants/{id:guid}/recomputation", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id), ct))
        .RequireRole(Roles.Finance);

    /// <summary>The query.</summary>
    public sealed record Query(Guid Id) : IQuery;

    /// <summary>Both figures in cents, and whether they agree; the stored one is what was computed, also when it was released since.</summary>
    public sealed record Recomputation(Guid Id, Guid ProgrammeId, string Status, long StoredCents, long RecomputedCents, bool Same, Calculation Calculation);

    /// <summary>Computes.</summary>
    public sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var row = await db.QuerySingleOrDefaultAsync<ListGrants.Row>(
                $"select {ListGrants.Row.Columns} from aid_grant g join commitment c on c.id = g.commitment_id where g.id = @Id", request);
            if (row?.ToGrant() is not { } grant)
            {
                return Problem.NotFound("grant");
            }

            var inputs = grant.Calculation.Inputs;
            var decision = Aid.Decide(inputs);
            var recomputed = decision.Steps.Single(s => s.ProgrammeId == grant.ProgrammeId).AmountCents;
            var stored = grant.Status == GrantStatus.Released
                ? grant.Calculation.Decision.Steps.Single(s => s.ProgrammeId == grant.ProgrammeId).AmountCents
                : grant.ReservedCents + grant.GrantedCents + await ReleasedCentsAsync(db, grant.Id);
            return Answer.Ok(new Recomputation(grant.Id, grant.ProgrammeId, grant.Status, stored, recomputed, stored == recomputed, new Calculation(inputs, decision)));
        }

        /// <summary>What an accepted complaint returned to the envelope after it was computed (<see cref="Recoveries.RecoverAid"/>).</summary>
        private static Task<long> ReleasedCentsAsync(NpgsqlConnection db, Guid grantId) =>
            db.ExecuteScalarAsync<long>("select coalesce(sum(released_cents), 0)::bigint from recovery where grant_id = @grantId", new { grantId });
    }
}
