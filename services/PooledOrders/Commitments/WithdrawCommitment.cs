using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Pools;
using MediatR;

namespace Marketplace.PooledOrders.Commitments;

/// <summary><c>POST /api/commitments/{id}/withdraw</c>: free until the deadline (DOMAIN §2). Twice is once.</summary>
public sealed class WithdrawCommitment : IEndpoint
{
    public sealed record Command(Guid Id) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/commitments/{id:guid}/withdraw", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .RequireRole(Roles.Business).Produces<CommitmentView>().WithTags("Commitments").WithSummary("Withdraw before the deadline");

    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockOwnAsync(db, request.Id, caller.OrganisationId) is not { } own)
            {
                return Problem.NotFound("commitment");
            }

            var (pool, commitment) = own;
            if (commitment.Status == CommitmentStatus.Withdrawn)
            {
                return Answer.Ok(CommitmentView.Of(commitment), commitment.Version);
            }

            if (caller.ExpectedVersion is { } expected && expected != commitment.Version)
            {
                return Problem.Stale(commitment.Version);
            }

            if (!CommitmentStatus.BeforeClosing.Contains(commitment.Status))
            {
                return Problem.Conflict("wrong-status", "This commitment can no longer be withdrawn.", $"It is {commitment.Status}; ask the town to release it.");
            }

            // A frozen pool keeps nobody in: its businesses may leave until its deadline is set again.
            if (!pool.TakesCommitmentsAt(clock.GetUtcNow().UtcDateTime) && pool.Status != PoolStatus.Frozen)
            {
                return Joining.NotOpen(pool);
            }

            var version = commitment.Version + 1;
            await db.ExecuteAsync(
                """
                update commitment set status = 'withdrawn', version = @version where id = @Id;
                update pool set committed_quantity = committed_quantity - @Quantity, tolerance_quantity = tolerance_quantity - @Tolerance,
                  commitment_count = commitment_count - 1, version = version + 1 where id = @PoolId;
                """, new { version, request.Id, commitment.Quantity, commitment.Tolerance, commitment.PoolId });
            await facts.AppendAsync(commitment.Id, version, new CommitmentEnded(commitment.Id, commitment.PoolId, CommitmentStatus.Withdrawn, null, version), cancellationToken);
            return Answer.Ok(CommitmentView.Of((await CommitmentRow.FindAsync(db, request.Id))!), version);
        }
    }
}
