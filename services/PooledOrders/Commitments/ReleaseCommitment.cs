using Dapper;
using FluentValidation;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Delivery;
using Marketplace.PooledOrders.Payments;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>
/// <c>POST /api/commitments/{id}/release</c>: after the closing the town may let a business go to which nothing was
/// delivered; its aid returns to the envelopes, what it paid is given back in full, and nobody else's price moves
/// (DOMAIN §2).
/// </summary>
public sealed class ReleaseCommitment : IEndpoint
{
    public sealed record Body(string? Reason);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/commitments/{id:guid}/release", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Buyer).Produces<CommitmentView>().WithTags("Commitments").WithSummary("Let a business go after the closing");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull();
            RuleFor(c => c.Body!.Reason).NotEmpty().MaximumLength(2000).When(c => c.Body is not null);
        }
    }

    public sealed class Handler(Session session, FactLog facts, RefundRecord refunds, Fulfilment fulfilment) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockWithPoolAsync(db, request.Id) is not { Commitment: var commitment })
            {
                return Problem.NotFound("commitment");
            }

            if (!CommitmentStatus.Releasable.Contains(commitment.Status))
            {
                return Problem.Conflict("wrong-status", "Only a commitment after the closing and before its delivery can be released.", $"This one is {commitment.Status}.");
            }

            // A payment under way may still succeed: it is decided first.
            var payment = await PaymentRow.LockAsync(db, request.Id);
            if (payment is { Status: PaymentStatus.Due, Tries: > 0 })
            {
                return Problem.Conflict("payment-in-progress", "The business is being charged at this moment.", "Try again in a minute.");
            }

            await db.ExecuteAsync("update payment set status = 'cancelled' where commitment_id = @Id and status not in ('succeeded', 'not-needed')", new { request.Id });
            var reason = request.Body!.Reason!.Trim();
            var version = commitment.Version + 1;
            await db.ExecuteAsync("update commitment set status = 'released', end_reason = @reason, version = @version where id = @Id", new { reason, version, request.Id });
            await facts.AppendAsync(commitment.Id, version, new CommitmentEnded(commitment.Id, commitment.PoolId, CommitmentStatus.Released, reason, version), cancellationToken);
            if (payment is { Status: PaymentStatus.Succeeded, AmountCents: { } paid })
            {
                await refunds.AskAsync(RefundReason.Released, [new RefundDue(request.Id, paid)], cancellationToken);
            }

            await fulfilment.SettleAsync(commitment.PoolId, cancellationToken);
            var released = (await CommitmentRow.FindAsync(db, request.Id))!;
            return Answer.Ok(CommitmentView.Of(released), released.Version);
        }
    }
}
