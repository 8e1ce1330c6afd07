using System.Text.Json;
using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Programmes;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>
/// Finance staff gather what a programme owes into one credit transfer per provider (DOMAIN §6). From here on the aid is
/// ordered: no other run takes it.
/// </summary>
public sealed class PrepareRun : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/payment-runs", (Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .RequireRole(Roles.Finance).Produces<PaymentRun>(201).WithTags("Payment runs").WithSummary("Prepare a payment run of everything that is due");

    /// <summary>What finance staff send; the day is one of Europe/Paris.</summary>
    public sealed record Body(Guid? ProgrammeId, DateOnly? ExecutionDate);

    /// <summary>The command.</summary>
    public sealed record Command(Body Body) : IKeyedCommand;

    /// <summary>Every field is needed. The day is compared with today in the handler: a replay is not refused for being late.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator()
        {
            RuleFor(c => c.Body.ProgrammeId).NotNull();
            RuleFor(c => c.Body.ExecutionDate).NotNull();
        }
    }

    /// <summary>Today or later, at most a year from now; the bank itself moves weekends and holidays to its next working day.</summary>
    public static bool IsExecutionDate(DateOnly date, DateOnly today) => date >= today && date <= today.AddYears(1);

    /// <summary>Prepares under the money lock.</summary>
    public sealed class Handler(Session session, Caller caller, FactLog facts, OrderAid order, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var (programmeId, executionDate) = (request.Body.ProgrammeId!.Value, request.Body.ExecutionDate!.Value);
            var now = clock.GetUtcNow().UtcDateTime;
            if (!IsExecutionDate(executionDate, ParisDays.Of(now)))
            {
                return Problem.Invalid("executionDate", "The day lies between today (Europe/Paris) and a year from now.");
            }

            var db = await session.OpenAsync(cancellationToken);
            await MoneyLock.TakeAsync(db);
            if (await ReadProgrammes.OneAsync(db, programmeId) is null)
            {
                return Problem.NotFound("programme");
            }

            var due = (await DueAid.ByProviderAsync(db, programmeId)).ToLookup(d => DueAid.Obstacle(d));
            var leftOut = due.Where(g => g.Key is not null).SelectMany(g => g, (g, d) => new LeftOut(d.ProviderId, d.ProviderName, d.AmountCents, d.GrantCount, g.Key!)).ToList();
            if (!due[null].Any())
            {
                return NothingToPay(leftOut);
            }

            var number = await RunNumbers.NextAsync(db, now);
            var transfers = due[null].Select((d, i) => new Transfer(
                Guid.CreateVersion7(), RunNumbers.EndToEndId(number, i + 1), d.ProviderId, d.ProviderName!, d.Iban!, d.AmountCents, d.GrantCount, TransferStatus.Prepared)).ToList();
            var run = new PaymentRun(
                Guid.CreateVersion7(now), number, RunStatus.Prepared, programmeId, executionDate, transfers, transfers.Sum(t => t.AmountCents), transfers.Count, leftOut,
                caller.UserIdOrEmpty, now, null, null, null, null, null, 1);
            await StoreAsync(db, run);
            await order.RunAsync(run.Id, run.ProgrammeId, cancellationToken);
            await facts.AppendAsync(run.Id, 1, new PaymentRunPrepared(run.Id, number, programmeId, executionDate, run.TotalCents, run.TransferCount, 1), cancellationToken);
            return Answer.Created($"/api/subsidies/payment-runs/{run.Id}", run, 1);
        }

        private static Problem NothingToPay(List<LeftOut> leftOut) => leftOut.Count == 0
            ? Problem.Conflict("nothing-due", "Nothing is due.", "No aid of this programme waits to be paid.")
            : Problem.Conflict(
                leftOut[0].Reason,
                "Nothing of what is due can be paid yet.",
                "Each provider is named with what it lacks; an account is set with PUT /api/subsidies/payees/{providerId}.",
                new Dictionary<string, object?> { ["leftOut"] = leftOut });

        private static async Task StoreAsync(NpgsqlConnection db, PaymentRun run)
        {
            await db.ExecuteAsync(
                """
                insert into payment_run (id, number, programme_id, status, execution_date, total_cents, transfer_count, left_out, prepared_by, prepared_at, version)
                values (@Id, @Number, @ProgrammeId, @Status, @ExecutionDate, @TotalCents, @TransferCount, @leftOut::jsonb, @PreparedBy, @PreparedAt, @Version)
                """,
                new
                {
                    run.Id,
                    run.Number,
                    run.ProgrammeId,
                    run.Status,
                    run.ExecutionDate,
                    run.TotalCents,
                    run.TransferCount,
                    leftOut = JsonSerializer.Serialize(run.LeftOut, Json.Options),
                    run.PreparedBy,
                    run.PreparedAt,
                    run.Version,
                });
            await db.ExecuteAsync(
                """
                insert into payment_transfer (id, run_id, provider_id, provider_name, iban, amount_cents, grant_count, end_to_end_id, status)
                select id, @runId, provider_id, provider_name, iban, amount_cents, grant_count, end_to_end_id, 'prepared'
                from unnest(@ids, @providers, @names, @ibans, @cents, @counts, @endToEndIds) as t (id, provider_id, provider_name, iban, amount_cents, grant_count, end_to_end_id)
                """,
                new
                {
                    runId = run.Id,
                    ids = run.Transfers.Select(t => t.Id).ToArray(),
                    providers = run.Transfers.Select(t => t.ProviderId).ToArray(),
                    names = run.Transfers.Select(t => t.ProviderName).ToArray(),
                    ibans = run.Transfers.Select(t => t.Iban).ToArray(),
                    cents = run.Transfers.Select(t => t.AmountCents).ToArray(),
                    counts = run.Transfers.Select(t => t.GrantCount).ToArray(),
                    endToEndIds = run.Transfers.Select(t => t.EndToEndId).ToArray(),
                });
            await DueAid.AssignAsync(db, run.ProgrammeId, run.Id);
        }
    }
}
