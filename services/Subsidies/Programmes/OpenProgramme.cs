using Dapper;
using FluentValidation;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Beneficiaries;
using Marketplace.Subsidies.Ledger;
using MediatR;

namespace Marketplace.Subsidies.Programmes;

/// <summary>Finance staff open a funding programme (DOMAIN §5).</summary>
public sealed class OpenProgramme : IEndpoint
{
    private const long MostCents = 1_000_000_000_000;
    private const long MostTurnoverCents = 100_000_000_000_000;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/subsidies/programmes", (Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .RequireRole(Roles.Finance);

    /// <summary>What finance staff send; amounts in cents, rates in basis points, validity as instants or dates.</summary>
    public sealed record Body(
        string? Name,
        string? Funder,
        long? BudgetCents,
        int? RateBps,
        long? CapCents,
        int? WindowMonths,
        long? MinSpendCents,
        long? MaxBaseCents,
        string[]? Categories,
        string[]? Territories,
        int? MaxHeadcount,
        long? MaxTurnoverCents,
        int? IntensityCeilingBps,
        int? Priority,
        bool? DeMinimis,
        string? ValidFrom,
        string? ValidUntil,
        string? LegalBasis,
        string? FunderSiret);

    /// <summary>The command.</summary>
    public sealed record Command(Body Body) : ICommand;

    /// <summary>Every field's range.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator()
        {
            RuleFor(c => c.Body.Name).Must(HasText).WithMessage("A name is needed.").MaximumLength(200);
            RuleFor(c => c.Body.Funder).Must(HasText).WithMessage("The funder is needed.").MaximumLength(200);
            RuleFor(c => c.Body.BudgetCents).NotNull().InclusiveBetween(1, MostCents);
            RuleFor(c => c.Body.RateBps).NotNull().InclusiveBetween(1, 10_000);
            RuleFor(c => c.Body.CapCents).InclusiveBetween(1, MostCents);
            RuleFor(c => c.Body.WindowMonths).InclusiveBetween(1, 600);
            RuleFor(c => c.Body.MinSpendCents).InclusiveBetween(0, MostCents);
            RuleFor(c => c.Body.MaxBaseCents).InclusiveBetween(1, MostCents);
            RuleFor(c => c.Body.Categories).NotEmpty().Must(c => c is null || c.Length <= 50).WithMessage("At most 50 entries.");
            RuleForEach(c => c.Body.Categories).Must(c => Programmes.Categories.All.Contains(c)).WithMessage($"A category is one of {string.Join(", ", Programmes.Categories.All)}.");
            RuleFor(c => c.Body.Territories).NotEmpty().Must(t => t is null || t.Length <= 200).WithMessage("At most 200 entries.");
            RuleForEach(c => c.Body.Territories).NotNull().Matches(@"^(\d{2,3}|2[AB])\z").WithMessage("A territory is a département code such as 59 or 2A.");
            RuleFor(c => c.Body.MaxHeadcount).InclusiveBetween(1, 10_000_000);
            RuleFor(c => c.Body.MaxTurnoverCents).InclusiveBetween(1, MostTurnoverCents);
            RuleFor(c => c.Body.IntensityCeilingBps).InclusiveBetween(1, 10_000);
            RuleFor(c => c.Body.Priority).InclusiveBetween(0, 1_000_000);
            RuleFor(c => c.Body.DeMinimis).NotNull();
            RuleFor(c => c.Body.ValidFrom).Must(IsValidity).WithMessage("An instant with its offset or a date is expected.");
            RuleFor(c => c.Body.LegalBasis).MaximumLength(500);
            RuleFor(c => c.Body.FunderSiret).Must(s => s is null || Siret.Parse(s) is not null).WithMessage("A SIRET has 14 digits with right check digits.");
            RuleFor(c => c.Body.ValidUntil).Must(IsValidity).WithMessage("An instant with its offset or a date is expected.");
        }

        private static bool HasText(string? text) => !string.IsNullOrWhiteSpace(text);

        private static bool IsValidity(string? text) => text is null || ValidityDate.Parse(text) is not null;
    }

    /// <summary>Stores it and tells it.</summary>
    public sealed class Handler(Session session, FactLog facts, GeneralLedger ledger, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var body = request.Body;
            var validFrom = ValidityDate.Parse(body.ValidFrom) ?? clock.GetUtcNow().UtcDateTime;
            var validUntil = ValidityDate.Parse(body.ValidUntil) ?? validFrom.AddYears(3);
            if (validUntil <= validFrom)
            {
                return Problem.Invalid("validUntil", "The end of validity lies after its start.");
            }

            var programme = new Programme(
                Guid.CreateVersion7(), body.Name!.Trim(), body.Funder!.Trim(), body.BudgetCents!.Value, 0, 0, 0, 0, body.RateBps!.Value, body.CapCents,
                body.WindowMonths ?? 36, body.MinSpendCents ?? 0, body.MaxBaseCents, body.Categories!.Distinct().ToArray(), body.Territories!.Distinct().ToArray(),
                body.MaxHeadcount, body.MaxTurnoverCents, body.IntensityCeilingBps ?? 10_000, body.Priority ?? 100, body.DeMinimis!.Value, validFrom, validUntil, 1,
                string.IsNullOrWhiteSpace(body.LegalBasis) ? null : body.LegalBasis.Trim(), Siret.Parse(body.FunderSiret));
            var db = await session.OpenAsync(cancellationToken);
            await db.ExecuteAsync(
                $"""
                insert into programme ({Programme.Columns})
                values (@Id, @Name, @Funder, @BudgetCents, @ReservedCents, @GrantedCents, @PaidCents, @RecoveredCents, @RateBps, @CapCents, @WindowMonths, @MinSpendCents, @MaxBaseCents,
                  @Categories, @Territories, @MaxHeadcount, @MaxTurnoverCents, @IntensityCeilingBps, @Priority, @DeMinimis, @ValidFrom, @ValidUntil, @Version, @LegalBasis, @FunderSiret)
                """, programme);
            await facts.AppendAsync(
                programme.Id,
                programme.Version,
                new ProgrammeOpened(programme.Id, programme.Name, programme.Funder, programme.Categories, programme.Territories, validFrom, validUntil, programme.Version),
                cancellationToken);
            await ledger.AppendAsync([new Posting(programme.Id, Accounts.Available, Accounts.Voted, programme.BudgetCents, "budget-voted", programme.Id)], cancellationToken);
            return Answer.Created($"/api/subsidies/programmes/{programme.Id}", programme, programme.Version);
        }
    }
}
