using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Commitments;
using MediatR;
using Microsoft.AspNetCore.Mvc;

namespace Marketplace.PooledOrders.Payments;

/// <summary>
/// <c>POST /api/commitments/{id}/payment</c>: the business pays on-session after a failed charge, within seven days
/// (DOMAIN §3). Not one transaction: the try is written down, the payment provider asked, the outcome written.
/// </summary>
public sealed class PayCommitment : IEndpoint
{
    public sealed record Body(string? PaymentMethod);

    public sealed record Command(Guid Id, Body? Body) : IRequest<Answer>;


    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/commitments/{id:guid}/payment", (Guid id, [FromBody] Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Business).Produces<CommitmentView>().WithTags("Commitments").WithSummary("Pay after a failed charge");

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator() =>
            RuleFor(c => c.Body!.PaymentMethod).Matches("^[A-Za-z0-9_]{1,255}$").When(c => c.Body is not null)
                .WithMessage("A payment method's id of the payment provider is expected, such as pm_card_visa.");
    }

    public sealed class Handler(Session session, Caller caller, Charging charging, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var (payment, refusal) = await BeginTryAsync(request.Id, cancellationToken);
            if (refusal is not null)
            {
                return refusal;
            }

            // Once asked, the outcome is recorded even if the client has hung up.
            var outcome = await charging.ChargeOnSessionAsync(payment!, request.Body?.PaymentMethod, CancellationToken.None);
            var commitment = (await CommitmentRow.FindAsync(await session.OpenAsync(cancellationToken), request.Id))!;
            return outcome.Kind switch
            {
                ChargeKind.Declined => Problem.Conflict("payment-declined", "The payment was declined.", "Try another card.", new Dictionary<string, object?> { ["code"] = outcome.Code, ["dueUntil"] = commitment.PaymentDueUntil }),
                ChargeKind.Unknown => new Problem(503, "payment-unknown", "The payment provider does not answer.", "Try again in a few minutes; you will not be charged twice."),
                _ => Answer.Ok(CommitmentView.Of(commitment, outcome.RedirectUrl), commitment.Version),
            };
        }

        private async Task<(PaymentRow? Payment, Answer? Refusal)> BeginTryAsync(Guid id, CancellationToken ct)
        {
            await session.BeginAsync(ct);
            var db = await session.OpenAsync(ct);
            var commitment = await CommitmentRow.FindAsync(db, id);
            if (commitment is null || commitment.OrganisationId != caller.OrganisationId)
            {
                await session.RollbackAsync();
                return (null, Problem.NotFound("commitment"));
            }

            var payment = await PaymentRow.LockAsync(db, id);
            if (payment is null || !PaymentStatus.Recoverable.Contains(payment.Status) || payment.DueUntil <= clock.GetUtcNow().UtcDateTime)
            {
                await session.RollbackAsync();
                return (null, Problem.Conflict("wrong-status", "There is no failed payment to make good.", $"The commitment is {commitment.Status}."));
            }

            await db.ExecuteAsync("update payment set attempt = attempt + 1 where commitment_id = @id", new { id });
            await session.CommitAsync(ct);
            return (payment with { Attempt = payment.Attempt + 1 }, null);
        }
    }
}
