using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Payees;

/// <summary>Somebody set the account that a provider is paid on; for the history, which shows no more than its end.</summary>
public sealed record PayeeAccountSet(Guid ProviderId, string IbanEnding, int Version);

/// <summary>
/// Finance staff, or the provider itself, set the account that aid is paid on from the next payment run on. Runs that are
/// prepared keep the account that they were prepared with.
/// </summary>
public sealed class SetAccount : IEndpoint
{
    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/subsidies/payees/{providerId:guid}", (Guid providerId, Body body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(providerId, body), ct))
        .RequireRole(Roles.Finance, Roles.Provider).Produces<Payee>().WithTags("Payees").WithSummary("Set the account that a provider is paid on");

    /// <summary>What is sent.</summary>
    public sealed record Body(string? Iban);

    /// <summary>The command.</summary>
    public sealed record Command(Guid ProviderId, Body Body) : ICommand;

    /// <summary>The account number's own check.</summary>
    public sealed class Validator : AbstractValidator<Command>
    {
        /// <summary>The rules.</summary>
        public Validator() => RuleFor(c => c.Body.Iban).Cascade(CascadeMode.Stop)
            .NotEmpty().MaximumLength(50).Must(i => Iban.IsValid(Iban.Normalised(i!))).WithMessage("An IBAN with right check digits is expected.");
    }

    /// <summary>Stores it.</summary>
    public sealed class Handler(Session session, Caller caller, FactLog facts) : IRequestHandler<Command, Answer>
    {
        /// <inheritdoc />
        public async Task<Answer> Handle(Command request, CancellationToken cancellationToken)
        {
            var isOwn = caller.OrganisationId == request.ProviderId;
            if (!isOwn && !caller.Has(Roles.Finance))
            {
                return Problem.NotFound("payee");
            }

            var db = await session.OpenAsync(cancellationToken);
            var known = await Payee.LockedAsync(db, request.ProviderId);
            if (caller.ExpectedVersion is { } expected && expected != (known?.Version ?? 0))
            {
                return Problem.Stale(known?.Version ?? 0);
            }

            var name = known?.Name ?? (isOwn ? caller.OrganisationName : await NameInPoolsAsync(db, request.ProviderId));
            if (name is null)
            {
                return Problem.NotFound("payee");
            }

            var payee = await db.QuerySingleAsync<Payee>(
                $"""
                insert into payee as p (provider_id, name, siret, iban, iban_set_by, version) values (@ProviderId, @name, @siret, @iban, @user, 1)
                on conflict (provider_id) do update set iban = excluded.iban, iban_set_by = excluded.iban_set_by, version = p.version + 1
                returning {Payee.Columns}
                """,
                new { request.ProviderId, name, siret = isOwn ? Beneficiaries.Siret.Parse(caller.Siret) : null, iban = Iban.Normalised(request.Body.Iban!), user = caller.UserIdOrEmpty });
            await facts.AppendAsync(payee.ProviderId, payee.Version, new PayeeAccountSet(payee.ProviderId, payee.Iban![^4..], payee.Version), cancellationToken);
            return Answer.Ok(payee, payee.Version);
        }

        /// <summary>A provider that is owed aid may not have told its accreditation here yet.</summary>
        private static Task<string?> NameInPoolsAsync(NpgsqlConnection db, Guid providerId) =>
            db.QueryFirstOrDefaultAsync<string?>("select provider_name from pool where provider_id = @providerId and provider_name is not null limit 1", new { providerId });
    }
}
