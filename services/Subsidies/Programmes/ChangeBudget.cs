using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Ledger;
using MediatR;

namespace Marketplace.Subsidies.Programmes;

/// <summary>The budget of a programme was raised or lowered; for the history.</summary>
public sealed record BudgetChanged(Guid ProgrammeId, long DeltaCents, long BudgetCents, string Reason, int Version);

/// <summary>
/// Finance staff raise or lower an envelope, never below what is engaged. What a raise adds goes first to the
/// reservations that the envelope cut.
/// </summary>
public sealed class ChangeBudget : IEndpoint
{
    private const long MostCents = 1_000_000_000_000;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/programmes/{id:guid}/budget", (Guid id, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Finance);

    /// <summary>What finance staff send.</summary>
    public sealed record Body(long? DeltaCents, string? Reason);

    /// <summary>The command.</summary>
    public sealed record Command(Guid Id, Body Body) : ICommand;

    /// <summary>Every field's range.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator()
        {
            RuleFor(c => c.Body.DeltaCents).NotNull().InclusiveBetween(-MostCents, MostCents).NotEqual(0);
            RuleFor(c => c.Body.Reason).Must(r => !string.IsNullOrWhiteSpace(r)).WithMessage("A reason is needed.").MaximumLength(2_000);
        }
    }

    /// <summary>Moves the budget under the money lock.</summary>
    public sealed class Handler(Session session, FactLog facts, GeneralLedger ledger, RecomputeReservations recompute) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var delta = request.Body.DeltaCents!.Value;
            var db = await session.OpenAsync(cancellationToken);
            await MoneyLock.TakeAsync(db);
            if (await ReadProgrammes.OneAsync(db, request.Id) is not { } programme)
            {
                return Problem.NotFound("programme");
            }

            var budget = programme.BudgetCents + delta;
            if (budget > MostCents)
            {
                return Problem.Invalid("deltaCents", $"A budget is at most {MostCents} cents.");
            }

            var engaged = programme.BudgetCents - programme.AvailableCents;
            if (budget < engaged)
            {
                return Problem.Conflict(
                    "envelope-engaged",
                    "The budget cannot go below what is engaged.",
                    $"{engaged} cents are reserved, granted, paid or being recovered.",
                    new Dictionary<string, object?> { ["engagedCents"] = engaged });
            }

            var version = programme.Version + 1;
            await db.ExecuteAsync("update programme set budget_cents = @budget, version = @version where id = @Id", new { budget, version, request.Id });
            await facts.AppendAsync(request.Id, version, new BudgetChanged(request.Id, delta, budget, request.Body.Reason!.Trim(), version), cancellationToken);
            await ledger.AppendAsync(
                [
                    delta > 0
                        ? new Posting(request.Id, Accounts.Available, Accounts.Voted, delta, "budget-raised", request.Id, Note: request.Body.Reason.Trim())
                        : new Posting(request.Id, Accounts.Voted, Accounts.Available, -delta, "budget-reduced", request.Id, Note: request.Body.Reason.Trim()),
                ], cancellationToken);
            if (delta > 0)
            {
                await recompute.RunAsync(cancellationToken);
            }

            return Answer.Ok((await ReadProgrammes.OneAsync(db, request.Id))!, version);
        }
    }
}
