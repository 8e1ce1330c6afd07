using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Subsidies.Beneficiaries;

/// <summary>A business (or finance staff for it) declared its links and its aid from elsewhere; for the history.</summary>
public sealed record BeneficiaryDeclared(string Siren, string[] LinkedSirens, Declaration[] DeclaredAid, int Version);

/// <summary>Replaces what a business declared. It counts from the next computation on; nothing that is held is taken back.</summary>
public sealed class DeclareAid : IEndpoint
{
    private const long MostCents = 1_000_000_000_000;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/subsidies/beneficiaries/{siren}", (string siren, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(siren, body), ct))
        .RequireRole(Roles.Business, Roles.Finance);

    /// <summary>What is sent; an absent list is an empty one.</summary>
    public sealed record Body(string[]? LinkedSirens, Declared[]? DeclaredAid);

    /// <summary>One declared aid.</summary>
    public sealed record Declared(DateOnly? GrantedOn, long? AmountCents, string? Source, bool? DeMinimis);

    /// <summary>The command.</summary>
    public sealed record Command(string Siren, Body Body) : ICommand;

    /// <summary>Every field's range.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules. A day in the future is refused, but for the day that has begun in Europe before it has in UTC.</summary>
        public Validator(TimeProvider clock)
        {
            RuleFor(c => c.Body.LinkedSirens).Must(l => l is null || l.Length <= 100).WithMessage("At most 100 linked SIRENs.");
            RuleForEach(c => c.Body.LinkedSirens).Must(s => Beneficiaries.Siren.Parse(s) is not null).WithMessage("A SIREN has 9 digits, the last of which checks the others.");
            RuleForEach(c => c.Body.LinkedSirens).Must((command, linked) => Beneficiaries.Siren.Parse(linked) is not { } s || s != Beneficiaries.Siren.Parse(command.Siren))
                .WithMessage("A business is not linked to itself.");
            RuleFor(c => c.Body.DeclaredAid).Must(d => d is null || d.Length <= 500).WithMessage("At most 500 declared aids.");
            RuleForEach(c => c.Body.DeclaredAid).NotNull().ChildRules(aid =>
            {
                aid.RuleFor(a => a.GrantedOn).NotNull().Must(d => d is null || (d >= new DateOnly(1900, 1, 1) && d <= DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime).AddDays(1)))
                    .WithMessage("The day lies between 1900 and today.");
                aid.RuleFor(a => a.AmountCents).NotNull().InclusiveBetween(1, MostCents);
                aid.RuleFor(a => a.Source).Must(s => !string.IsNullOrWhiteSpace(s)).WithMessage("The source is needed.").MaximumLength(200);
                aid.RuleFor(a => a.DeMinimis).NotNull();
            });
        }
    }

    /// <summary>Replaces the declaration.</summary>
    public sealed class Handler(Session session, Caller caller, FactLog facts, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            if (Siren.Parse(request.Siren) is not { } siren || !Beneficiary.IsKnownTo(caller, siren))
            {
                return Problem.NotFound("beneficiary");
            }

            var linked = (request.Body.LinkedSirens ?? []).Select(s => Siren.Parse(s)!).Distinct().Order(StringComparer.Ordinal).ToArray();
            var declared = (request.Body.DeclaredAid ?? []).Select(d => new Declaration(d.GrantedOn!.Value, d.AmountCents!.Value, d.Source!.Trim(), d.DeMinimis!.Value)).ToArray();
            var db = await session.OpenAsync(cancellationToken);
            var (id, version) = await db.QuerySingleAsync<(Guid Id, int Version)>(
                """
                insert into beneficiary (siren, id, version) values (@siren, @id, 1)
                on conflict (siren) do update set version = beneficiary.version + 1 returning id, version
                """, new { siren, id = Guid.CreateVersion7() });
            if (caller.ExpectedVersion is { } expected && expected != version - 1)
            {
                return Problem.Stale(version - 1);
            }

            await db.ExecuteAsync(
                """
                delete from beneficiary_link where siren = @siren;
                insert into beneficiary_link (siren, linked) select @siren, linked from unnest(@linked) as linked;
                delete from declared_aid where siren = @siren;
                insert into declared_aid (siren, position, granted_on, amount_cents, source, de_minimis)
                select @siren, position, granted_on, amount_cents, source, de_minimis
                from unnest(@days, @amounts, @sources, @deMinimis) with ordinality as d (granted_on, amount_cents, source, de_minimis, position)
                """,
                new
                {
                    siren,
                    linked,
                    days = declared.Select(d => d.GrantedOn).ToArray(),
                    amounts = declared.Select(d => d.AmountCents).ToArray(),
                    sources = declared.Select(d => d.Source).ToArray(),
                    deMinimis = declared.Select(d => d.DeMinimis).ToArray(),
                });
            await facts.AppendAsync(id, version, new BeneficiaryDeclared(siren, linked, declared, version), cancellationToken);
            return Answer.Ok(await Beneficiary.ReadAsync(db, siren, clock.GetUtcNow().UtcDateTime), version);
        }
    }
}
