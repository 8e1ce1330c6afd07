using Dapper;
using FluentValidation;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Payments;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>
/// <c>POST /api/commitments/{id}/release</c>: after the closing the town may let a business go that has not paid yet;
/// its aid returns to the envelopes and nobody else's price moves (DOMAIN §2).
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

    public sealed class Handler(Session session, FactLog facts) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await CommitmentRow.LockAsync(db, request.Id) is not { } commitment)
            {
                return Problem.NotFound("commitment");
            }

            if (!CommitmentStatus.Releasable.Contains(commitment.Status))
            {
                return Problem.Conflict("wrong-status", "Only a commitment after the closing and before its payment can be released.", $"This one is {commitment.Status}.");
            }

            // A payment under way may still succeed: it is decided first.
            var payment = await PaymentRow.LockAsync(db, request.Id);
            if (payment is { Status: PaymentStatus.Due, Tries: > 0 })
            {
                return Problem.Conflict("payment-in-progress", "The business is being charged at this moment.", "Try again in a minute.");
            }

            await db.ExecuteAsync("update payment set status = 'cancelled' where commitment_id = @Id", new { request.Id });
            var reason = request.Body!.Reason!.Trim();
            var version = commitment.Version + 1;
            await db.ExecuteAsync("update commitment set status = 'released', end_reason = @reason, version = @version where id = @Id", new { reason, version, request.Id });
            await facts.AppendAsync(commitment.Id, version, new CommitmentEnded(commitment.Id, commitment.PoolId, CommitmentStatus.Released, reason, version), cancellationToken);
            return Answer.Ok(CommitmentView.Of((await CommitmentRow.FindAsync(db, request.Id))!), version);
        }
    }
}
