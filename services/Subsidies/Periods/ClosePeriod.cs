using System.Globalization;
using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Reports;
using MediatR;

namespace Marketplace.Subsidies.Periods;

/// <summary>The books of a year were closed; for the history.</summary>
public sealed record PeriodClosed(int Year, long LastSequence, string LastHash, string? Reason);

/// <summary>
/// Finance staff close the books of a year that is over: its closing figures and its place in the ledger are stored, and
/// nothing dated in it is taken any more (<see cref="ClosedPeriods"/>). It is not opened again: what turns out later is
/// booked in a later year.
/// </summary>
public sealed class ClosePeriod : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/periods/{year}/closing", (string year, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(year, body), ct))
        .RequireRole(Roles.Finance).Produces<PeriodView>(201).WithTags("Periods").WithSummary("Close the books of a year");

    /// <summary>What finance staff send.</summary>
    public sealed record Body(string? Reason);

    /// <summary>The command.</summary>
    public sealed record Command(string Year, Body Body) : IKeyedCommand;

    /// <summary>Every field's range.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator() => RuleFor(c => c.Body.Reason).MaximumLength(2_000);
    }

    /// <summary>400: the path names no year.</summary>
    public static Problem NoYear() => Problem.Invalid("year", $"A year from {Period.FirstYear} to {Period.LastYear} is expected.");

    /// <summary>Closes under the money lock: whatever moves money waits, and then has a later date.</summary>
    public sealed class Handler(Session session, FactLog facts, Caller caller, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            if (Period.ParseYear(request.Year) is not { } year)
            {
                return NoYear();
            }

            var db = await session.OpenAsync(cancellationToken);
            await MoneyLock.TakeAsync(db);
            var now = clock.GetUtcNow().UtcDateTime;
            if (ParisDays.Of(now).Year <= year)
            {
                return Problem.Conflict("period-not-over", "Only a year that is over can be closed.", $"{year} ends with its last day in France.");
            }

            if (await db.ExecuteScalarAsync<bool>("select exists (select from closed_period where year = @year)", new { year }))
            {
                return Problem.Conflict("period-closed", "The books of this year are closed.", null, new Dictionary<string, object?> { ["year"] = year });
            }

            var period = Period.OfYear(year);
            var last = await db.QuerySingleOrDefaultAsync<Last>("select sequence, hash from ledger_entry where at < @EndsAt order by sequence desc limit 1", period);
            if (last is null)
            {
                return Problem.Conflict("nothing-to-close", "The ledger has nothing up to the end of this year.");
            }

            var open = await OpenThings.ReadAsync(db, year);
            if (open.PreparedRuns.Count > 0)
            {
                return Problem.Conflict(
                    "runs-open", "Payment runs of this year still wait for approval.", "Approve or cancel them first.", new Dictionary<string, object?> { ["runs"] = open.PreparedRuns });
            }

            var id = Guid.CreateVersion7();
            var reason = string.IsNullOrWhiteSpace(request.Body.Reason) ? null : request.Body.Reason.Trim();
            await StoreAsync(new { year, id, period.StartsAt, period.EndsAt, last.Sequence, last.Hash, reason, by = caller.UserIdOrEmpty, now }, await LedgerFigures.ReadAsync(db, period));
            await facts.AppendAsync(id, 1, new PeriodClosed(year, last.Sequence, Convert.ToHexStringLower(last.Hash), reason), cancellationToken);
            return Answer.Created($"/api/subsidies/periods/{year.ToString(CultureInfo.InvariantCulture)}", (await PeriodView.ReadAsync(db, year))!);

            async Task StoreAsync(object closing, IReadOnlyList<AccountFigure> figures)
            {
                await db.ExecuteAsync(
                    """
                    insert into closed_period (year, id, starts_at, ends_at, last_sequence, last_hash, reason, closed_by, closed_at)
                    values (@year, @id, @StartsAt, @EndsAt, @Sequence, @Hash, @reason, @by, @now)
                    """, closing);
                await db.ExecuteAsync(
                    """
                    insert into closed_period_figure (year, programme_id, account, end_cents, movement_cents)
                    select @year, programme_id, account, end_cents, movement_cents from unnest(@ids, @accounts, @ends, @movements) as f (programme_id, account, end_cents, movement_cents)
                    """,
                    new
                    {
                        year,
                        ids = figures.Select(f => f.ProgrammeId).ToArray(),
                        accounts = figures.Select(f => f.Account).ToArray(),
                        ends = figures.Select(f => f.EndCents).ToArray(),
                        movements = figures.Select(f => f.MovementCents).ToArray(),
                    });
            }
        }

        private sealed record Last(long Sequence, byte[] Hash);
    }
}
