using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Grants;
using MediatR;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>Finance staff cancel a run that nobody approved yet; its aid is due again, for the next run.</summary>
public sealed class CancelRun : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/payment-runs/{id:guid}/cancel", (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Finance).Produces<PaymentRun>().WithTags("Payment runs").WithSummary("Cancel a payment run before its approval");

    /// <summary>What finance staff send.</summary>
    public sealed record Body(string? Reason);

    /// <summary>The command.</summary>
    public sealed record Command(Guid Id, Body Body) : ICommand;

    /// <summary>A reason is needed.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator() =>
            RuleFor(c => c.Body.Reason).Must(r => !string.IsNullOrWhiteSpace(r)).WithMessage("A reason is needed.").MaximumLength(2_000);
    }

    /// <summary>Reverses what the run ordered, under the money lock.</summary>
    public sealed class Handler(Session session, Caller caller, FactLog facts, OrderAid order, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            await MoneyLock.TakeAsync(db);
            if (await RunRow.LockedAsync(db, request.Id) is not { } run)
            {
                return Problem.NotFound("payment run");
            }

            if (run.Status != RunStatus.Prepared)
            {
                return ApproveRun.WrongStatus(run, "cancelled");
            }

            var reason = request.Body.Reason!.Trim();
            var version = run.Version + 1;
            await order.ReverseAsync(run.Id, run.ProgrammeId, reason, cancellationToken);
            await db.ExecuteAsync(
                $"""
                {OrderAid.AsOfMany};
                update transfer_grant g set active = false from payment_transfer t where t.id = g.transfer_id and t.run_id = @Id;
                {OrderAid.AsUsual};
                update payment_transfer set status = 'cancelled' where run_id = @Id;
                update payment_run set status = 'cancelled', cancelled_by = @user, cancelled_at = @now, cancel_reason = @reason, version = @version where id = @Id
                """,
                new { run.Id, user = caller.UserIdOrEmpty, now = clock.GetUtcNow().UtcDateTime, reason, version },
                commandTimeout: OrderAid.Patience);
            await facts.AppendAsync(run.Id, version, new PaymentRunCancelled(run.Id, run.Number, reason, version), cancellationToken);
            return Answer.Ok((await PaymentRun.ReadAsync(db, run.Id))!, version);
        }
    }
}
