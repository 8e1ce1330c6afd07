using FluentValidation;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// What aid a business would get now, for the quotes of pooled-orders: called through the sidecar with the business's
/// own token, from which its SIREN, département, headcount and turnover are taken. Reads only: an estimate holds nothing.
/// </summary>
public sealed class EstimateAid : IEndpoint
{
    private const long MostCents = 100_000_000_000_000;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/internal/aid-estimates", (Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(body), ct))
        .AddEndpointFilter(async (context, next) => Subscriptions.TokenIsRight(context.HttpContext)
            ? await next(context)
            : (Answer)new Problem(401, "not-a-neighbour", "Only the marketplace's own services may ask this."))
        .RequireRole(Roles.Business)
        .ExcludeFromDescription();

    /// <summary>What is asked.</summary>
    /// <param name="CommitmentId">The caller's live commitment whose hold is left out, if it has one in the pool.</param>
    /// <param name="Category">The pack's category.</param>
    /// <param name="ProgrammeIds">The pool's programmes.</param>
    /// <param name="NetCents">One to five net amounts in cents.</param>
    /// <param name="OtherPublicAidCents">Other public aid on the same costs, in cents; none when absent.</param>
    public sealed record Body(Guid? CommitmentId, string? Category, Guid[]? ProgrammeIds, long[]? NetCents, long? OtherPublicAidCents);

    /// <summary>The query.</summary>
    public sealed record Query(Body Body) : IQuery;

    /// <summary>The aid on one of the amounts.</summary>
    /// <param name="Parts">One per programme, by priority.</param>
    /// <param name="DeMinimisAvailableCents">How much de minimis aid would still fit, in cents.</param>
    public sealed record Estimate(AidPart[] Parts, long DeMinimisAvailableCents);

    /// <summary>One estimate per amount, in the order asked.</summary>
    public sealed record Answered(IReadOnlyList<Estimate> Estimates);

    /// <summary>Every field's range.</summary>
    public sealed class Validator : AbstractValidator<Query>
    {
        /// <summary>The rules.</summary>
        public Validator()
        {
            RuleFor(q => q.Body.Category).NotEmpty().MaximumLength(50);
            RuleFor(q => q.Body.ProgrammeIds).NotNull().Must(p => p is null || p.Length <= 50).WithMessage("At most 50 programmes.");
            RuleFor(q => q.Body.NetCents).NotEmpty().Must(n => n is null || n.Length <= 5).WithMessage("At most 5 amounts.");
            RuleForEach(q => q.Body.NetCents).InclusiveBetween(0, MostCents);
            RuleFor(q => q.Body.OtherPublicAidCents).InclusiveBetween(0, MostCents);
        }
    }

    /// <summary>Computes on what is committed at the moment; without the money lock.</summary>
    public sealed class Handler(Session session, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var body = request.Body;
            if (caller.Siren is not { } siren || caller.Departement is not { } departement)
            {
                return Problem.Forbidden("Your account belongs to no business.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            var asked = new Commitment(
                body.CommitmentId ?? Guid.Empty, Guid.Empty, siren, departement, caller.Headcount, caller.TurnoverCents, body.Category!, body.ProgrammeIds!.Distinct().ToArray(), 0, now, 0, Commitment.Reserved, 0);
            var book = await LoadAid.BookAsync(db, [asked]);

            // The hold is looked up under the caller's SIREN: somebody else's commitment gives nothing back.
            book.Return(asked);
            var estimates = body.NetCents!.Select(net => book.Compute(asked, net, now, body.OtherPublicAidCents ?? 0).Decision).Select(ToEstimate).ToList();
            return Answer.Ok(new Answered(estimates));
        }

        private static Estimate ToEstimate(AidDecision decision) => new(
            decision.Steps.Select(s => new AidPart(s.ProgrammeId, s.Funder, s.AmountCents, s.LimitedBy)).ToArray(),
            decision.DeMinimisAvailableCents);
    }
}
