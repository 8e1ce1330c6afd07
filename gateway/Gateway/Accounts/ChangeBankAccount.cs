using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>
/// A provider says where it wants to be paid. Tokens issued from then on carry it; aid goes to it only once an
/// accreditation was granted on an application that carries it (DOMAIN §4: two people look at each one).
/// </summary>
public sealed class ChangeBankAccount : IEndpoint
{
    public sealed record Body(string? Iban);

    public sealed record Command(Body? Body) : ICommand;

    public sealed record Changed(string Iban);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/auth/organisation/iban", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .RequireRole(Roles.Provider)
        .WithTags("Accounts")
        .WithSummary("Sets the bank account of the signed-in provider.")
        .Produces<Changed>();

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () => RuleFor(c => c.Body!.Iban).NotNull().IsIban());
        }
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var iban = Iban.Normalised(command.Body!.Iban!);
            var db = await session.OpenAsync(ct);
            var present = await db.QuerySingleOrDefaultAsync<Present>(
                "select version, iban from organisation where id = @OrganisationId and kind = 'provider' for update", new { caller.OrganisationId });
            if (present is null)
            {
                return Problem.NotFound("provider");
            }

            if (present.Iban != iban)
            {
                var version = present.Version + 1;
                await db.ExecuteAsync("update organisation set iban = @iban, version = @version where id = @OrganisationId", new { iban, version, caller.OrganisationId });
                await facts.AppendAsync(
                    caller.OrganisationId!.Value, version, new BankAccountChanged(Iban.Ending(iban), present.Iban is null ? null : Iban.Ending(present.Iban)), ct);
            }

            return Answer.Ok(new Changed(iban));
        }

        private sealed record Present(int Version, string? Iban);
    }
}
