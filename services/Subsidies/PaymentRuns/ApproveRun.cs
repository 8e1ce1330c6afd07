using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.Subsidies.Grants;
using MediatR;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>
/// Another person of finance approves a prepared run (four eyes, DOMAIN §6): its file can go to the bank. The debtor is
/// frozen with it, and a day that has passed meanwhile becomes the day of the approval.
/// </summary>
public sealed class ApproveRun : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/payment-runs/{id:guid}/approve", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id), ct))
        .RequireRole(Roles.Finance).Produces<PaymentRun>().WithTags("Payment runs").WithSummary("Approve a payment run that somebody else prepared");

    /// <summary>The command.</summary>
    public sealed record Command(Guid Id) : ICommand;

    /// <summary>Why the run cannot be approved by this person; null when it can.</summary>
    /// <returns>409 <c>wrong-status</c>, <c>four-eyes</c> or <c>debtor-not-configured</c>.</returns>
    public static Problem? Refuses(RunRow run, Guid user, Debtor? debtor) => (run, debtor) switch
    {
        ({ Status: not RunStatus.Prepared }, _) => WrongStatus(run, "approved"),
        _ when run.PreparedBy == user => Problem.Conflict("four-eyes", "A run is approved by somebody else than who prepared it.", $"You prepared {run.Number}."),
        (_, null) => Problem.Conflict("debtor-not-configured", "The account that is paid from is not configured.", "Payments:Debtor:Name and Payments:Debtor:Iban have to be set before a run can be approved."),
        _ => null,
    };

    /// <summary>409: the run is no longer prepared.</summary>
    public static Problem WrongStatus(RunRow run, string wanted) => Problem.Conflict(
        "wrong-status", "The run is not in the right state.", $"{run.Number} is {run.Status}; only a prepared run can be {wanted}.", new Dictionary<string, object?> { ["currentStatus"] = run.Status });

    /// <summary>Approves.</summary>
    public sealed class Handler(Session session, Caller caller, FactLog facts, PaymentSettings settings, TimeProvider clock) : IRequestHandler<Command, Answer>
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

            if (Refuses(run, caller.UserIdOrEmpty, settings.Debtor) is { } refusal)
            {
                return refusal;
            }

            var debtor = settings.Debtor!;
            var now = clock.GetUtcNow().UtcDateTime;
            var today = ParisDays.Of(now);
            var executionDate = run.ExecutionDate < today ? today : run.ExecutionDate;
            var version = run.Version + 1;
            await db.ExecuteAsync(
                """
                update payment_run set status = 'approved', approved_by = @user, approved_at = @now, execution_date = @executionDate,
                  debtor_name = @Name, debtor_iban = @Iban, debtor_bic = @Bic, debtor_siret = @Siret, version = @version where id = @Id;
                update payment_transfer set status = 'ordered' where run_id = @Id
                """,
                new { request.Id, user = caller.UserIdOrEmpty, now, executionDate, debtor.Name, debtor.Iban, debtor.Bic, debtor.Siret, version });
            await facts.AppendAsync(run.Id, version, new PaymentRunApproved(run.Id, run.Number, executionDate, version), cancellationToken);
            return Answer.Ok((await PaymentRun.ReadAsync(db, run.Id))!, version);
        }
    }
}
