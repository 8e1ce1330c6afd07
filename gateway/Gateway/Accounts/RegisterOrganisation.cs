using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>A business or provider signs itself up, with its first user.</summary>
public sealed class RegisterOrganisation : IEndpoint
{
    /// <param name="Language"><c>fr</c> or <c>en</c>: what the user is written to in; French when it is left out.</param>
    public sealed record Body(string? Email, Secret? Password, string? DisplayName, OrganisationBody? Organisation, string? Language = null);

    public sealed record OrganisationBody(string? Kind, string? Name, string? Siret, int? Headcount, long? TurnoverCents, string? Departement, string? Iban);

    public sealed record Command(Body? Body) : ICommand;

    public sealed record Registered(Guid UserId, Guid OrganisationId);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/register", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .HashesPasswords()
        .AllowAnonymous()
        .WithTags("Accounts")
        .WithSummary("Registers a business or a provider with its first user.")
        .Produces<Registered>(StatusCodes.Status201Created);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Email).IsEmail();
                RuleFor(c => c.Body!.Password).IsGoodPassword(c => c.Body!.Email);
                RuleFor(c => c.Body!.DisplayName).IsName();
                RuleFor(c => c.Body!.Organisation).NotNull().SetValidator(new OrganisationRules(withSiret: true)!);
                RuleFor(c => c.Body!.Language).IsLanguage();
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, PasswordHashing hashing, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var body = command.Body!;
            var organisation = NewOrganisation.Of(body.Organisation!, Siret.WithoutSpaces(body.Organisation!.Siret!));
            var userId = Guid.CreateVersion7();
            var hash = await hashing.HashAsync(body.Password!);
            var at = clock.GetUtcNow().UtcDateTime;
            var db = await session.OpenAsync(ct);
            if (await db.ExecuteScalarAsync<bool>("select exists (select from account where email_key = @key)", new { key = Email.Key(body.Email!) }))
            {
                return AccountProblems.EmailTaken;
            }

            // The organisation first, then the account, always: two registrations can wait for each other's rows in one order only.
            if (!await NewOrganisation.InsertAsync(db, organisation, at))
            {
                return AccountProblems.SiretTaken;
            }

            var account = new Account(userId, body.Email!.Trim(), body.DisplayName!.Trim(), hash, [organisation.Kind], organisation.Id);
            if (!await NewAccount.InsertAsync(db, account, at, body.Language))
            {
                return AccountProblems.EmailTaken;
            }

            await facts.AppendAsync([NewOrganisation.Fact(organisation, userId, at)], ct);
            return Answer.Created("/api/auth/me", new Registered(userId, organisation.Id));
        }
    }
}
