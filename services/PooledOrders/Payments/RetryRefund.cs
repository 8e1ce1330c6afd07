using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Commitments;
using MediatR;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// <c>POST /api/commitments/{id}/refund</c>: finance staff or the buyer have a failed refund tried again, as a new
/// attempt with a key of its own. Only a failed one: a second click finds it under way.
/// </summary>
public sealed class RetryRefund : IEndpoint
{
    public sealed record Command(Guid Id) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/commitments/{id:guid}/refund", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .RequireRole(Roles.Finance, Roles.Buyer).Produces<CommitmentView>().WithTags("Commitments").WithSummary("Try a failed refund again");

    public sealed class Handler(Session session, FactLog facts) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockAsync(db, request.Id) is not { } commitment)
            {
                return Problem.NotFound("commitment");
            }

            var failed = await db.QueryFirstOrDefaultAsync<FailedRefund>(
                "select id, reason, attempt from refund where commitment_id = @Id and status = 'failed' order by id limit 1 for update", new { request.Id });
            if (failed is null)
            {
                return Problem.Conflict("no-failed-refund", "There is no failed refund to try again.", commitment.RefundStatus is { } status ? $"The refund is {status}." : null);
            }

            var attempt = failed.Attempt + 1;
            await db.ExecuteAsync(
                """
                update refund set status = 'due', attempt = @attempt, idempotency_key = @key, refund_reference = null, failure_code = null, tries = 0, next_try_at = null
                where id = @Id
                """, new { attempt, key = RefundRow.KeyOf(failed.Reason, commitment.Id, attempt), failed.Id });
            var version = await db.ExecuteScalarAsync<int>("update commitment set version = version + 1 where id = @Id returning version", new { commitment.Id });
            await facts.AppendAsync(commitment.Id, version, new RefundAskedAgain(commitment.Id, failed.Reason, attempt), cancellationToken);
            return Answer.Ok(CommitmentView.Of((await CommitmentRow.FindAsync(db, commitment.Id))!), version);
        }
    }

    private sealed record FailedRefund(Guid Id, string Reason, int Attempt);
}
