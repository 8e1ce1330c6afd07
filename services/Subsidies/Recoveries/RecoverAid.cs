using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Ledger;
using Marketplace.Subsidies.Reports;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Recoveries;

/// <summary>
/// Finance staff take aid back after an accepted complaint. What is due and in no payment run returns to its envelope for
/// those who were too late; what was paid is claimed back by a titre de recettes. A claim does not refill the envelope: the
/// money is not there yet, and the town decides by its budget what to do with it. Aid taken back no longer counts against
/// the cap and the de minimis ceiling of the business: it has no advantage from it any more.
/// </summary>
public sealed class RecoverAid : IEndpoint
{
    private const long MostCents = 1_000_000_000_000;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/grants/{id:guid}/recovery", (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Finance).Produces<Recovery>(201).WithTags("Recoveries").WithSummary("Take aid back: release what is due, claim what was paid");

    /// <summary>What finance staff send; no amount is all there is.</summary>
    public sealed record Body(long? AmountCents, string? Reason);

    /// <summary>The command.</summary>
    public sealed record Command(Guid Id, Body Body) : IKeyedCommand;

    /// <summary>Every field's range.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator()
        {
            RuleFor(c => c.Body.AmountCents).InclusiveBetween(1, MostCents);
            RuleFor(c => c.Body.Reason).Must(r => !string.IsNullOrWhiteSpace(r)).WithMessage("A reason is needed.").MaximumLength(2_000);
        }
    }

    /// <summary>Moves the money under the money lock.</summary>
    public sealed class Handler(Session session, FactLog facts, Caller caller, MoveAid move, GeneralLedger ledger, RecomputeReservations recompute, TimeProvider clock)
        : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            await MoneyLock.TakeAsync(db);
            var row = await db.QuerySingleOrDefaultAsync<Row>(
                """
                select g.commitment_id, g.programme_id, g.siren, g.status, g.service_done_cents, g.ordered_cents, g.paid_cents, g.recovered_cents, c.aid_version
                from aid_grant g join commitment c on c.id = g.commitment_id where g.id = @Id
                """, request);
            if (row is null)
            {
                return Problem.NotFound("grant");
            }

            var decision = RecoveryDecision.Of(row.Money, request.Body.AmountCents);
            if (Refused(decision.Refusal, row.Money) is { } refusal)
            {
                return refusal;
            }

            var now = clock.GetUtcNow().UtcDateTime;
            var recovery = new Recovery(
                Guid.CreateVersion7(), decision.ClaimCents > 0 ? await NextNumberAsync(db, now) : null, request.Id, row.CommitmentId, row.ProgrammeId, row.Siren, decision.ClaimCents,
                decision.ReleaseCents, request.Body.Reason!.Trim(), caller.UserIdOrEmpty, now);
            await ReleaseAsync(db, recovery, cancellationToken);
            if (recovery.RecoveredCents > 0)
            {
                var claim = new Step(Accounts.Paid, Accounts.Recovered, decision.Status, "recovered", recovery.Id, recovery.Reason);
                await move.RunAsync([new GrantMove(recovery.GrantId, recovery.ProgrammeId, recovery.RecoveredCents)], claim, cancellationToken);
            }

            await RecordAsync(db, recovery, decision.Status, row.AidVersion + 1, cancellationToken);
            if (recovery.ReleasedCents > 0)
            {
                await recompute.RunAsync(cancellationToken);
            }

            return Answer.Created($"/api/subsidies/recoveries/{recovery.Id}", recovery);
        }

        private async Task ReleaseAsync(NpgsqlConnection db, Recovery recovery, CancellationToken ct)
        {
            if (recovery.ReleasedCents == 0)
            {
                return;
            }

            // Status and amounts in one statement: a grant of nothing has to be released already.
            await db.ExecuteAsync(
                """
                update aid_grant set granted_cents = granted_cents - @ReleasedCents, committed_cents = committed_cents - @ReleasedCents, service_done_cents = service_done_cents - @ReleasedCents,
                  status = case when granted_cents = @ReleasedCents then 'released' else status end
                where id = @GrantId;
                update programme set granted_cents = granted_cents - @ReleasedCents where id = @ProgrammeId
                """, recovery);
            await ledger.AppendAsync(
                [new Posting(recovery.ProgrammeId, Accounts.Available, Accounts.ServiceDone, recovery.ReleasedCents, "released-after-complaint", recovery.GrantId, recovery.Id, recovery.Reason)], ct);
        }

        private async Task RecordAsync(NpgsqlConnection db, Recovery recovery, string status, int version, CancellationToken ct)
        {
            await db.ExecuteAsync(
                """
                insert into recovery (id, number, grant_id, programme_id, recovered_cents, released_cents, reason, recorded_by, recorded_at)
                values (@Id, @Number, @GrantId, @ProgrammeId, @RecoveredCents, @ReleasedCents, @Reason, @RecordedBy, @RecordedAt)
                """, recovery);
            await db.ExecuteAsync(
                "update aid_grant set status = @status where id = @GrantId; update commitment set aid_version = @version where id = @CommitmentId",
                new { status, recovery.GrantId, version, recovery.CommitmentId });
            await facts.AppendAsync(
                recovery.CommitmentId, version,
                new AidRecovered(recovery.Id, recovery.Number, recovery.GrantId, recovery.ProgrammeId, recovery.RecoveredCents, recovery.ReleasedCents, recovery.Reason, version), ct);
        }

        private static async Task<string> NextNumberAsync(NpgsqlConnection db, DateTime at)
        {
            var year = ParisDays.Of(at).Year;
            var number = await db.ExecuteScalarAsync<int>(
                "insert into recovery_counter (year, last) values (@year, 1) on conflict (year) do update set last = recovery_counter.last + 1 returning last", new { year });
            return $"TR-{year}-{number:000000}";
        }

        private static Problem? Refused(RecoveryRefusal refusal, GrantMoney grant) => refusal switch
        {
            RecoveryRefusal.InPaymentRun => Problem.Conflict(
                "in-payment-run", "A part of the grant is in a payment run.", "Cancel the run, or wait until the bank has answered.",
                new Dictionary<string, object?> { ["inRunCents"] = grant.OrderedCents - grant.PaidCents }),
            RecoveryRefusal.NothingToRecover => Problem.Conflict("nothing-to-recover", "Nothing of the grant is due or paid.", $"It is {grant.Status}."),
            RecoveryRefusal.MoreThanPaid => Problem.Conflict(
                "more-than-paid", "No more can be taken back than is due and paid.", $"{grant.DueCents} cents are due, {grant.ClaimableCents} cents are paid and not claimed back.",
                new Dictionary<string, object?> { ["dueCents"] = grant.DueCents, ["claimableCents"] = grant.ClaimableCents }),
            _ => null,
        };

        private sealed record Row(Guid CommitmentId, Guid ProgrammeId, string Siren, string Status, long ServiceDoneCents, long OrderedCents, long PaidCents, long RecoveredCents, int AidVersion)
        {
            public GrantMoney Money => new(Status, ServiceDoneCents, OrderedCents, PaidCents, RecoveredCents);
        }
    }
}
