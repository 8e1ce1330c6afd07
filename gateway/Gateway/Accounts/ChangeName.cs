using Dapper;
using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>The user changes the name that others see.</summary>
public sealed class ChangeName : IEndpoint
{
    public sealed record Body(string? DisplayName);

    public sealed record Command(Body? Body) : ICommand;

    public sealed record Changed(string DisplayName);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/auth/me", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .RequireRole()
        .WithTags("Accounts")
        .WithSummary("Changes the name shown for the signed-in user.")
        .Produces<Changed>();

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () => RuleFor(c => c.Body!.DisplayName).IsName());
        }
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var (db, name) = (await session.OpenAsync(ct), command.Body!.DisplayName!.Trim());
            if (await Credentials.LockAsync(db, caller.UserId) is not { } account)
            {
                return Problem.NotFound("account");
            }

            if (name != account.DisplayName)
            {
                await db.ExecuteAsync("update account set display_name = @name, version = version + 1 where id = @Id", new { name, account.Id });
                await facts.AppendAsync(account.Id, account.Version + 1, new DisplayNameChanged(account.DisplayName, name), ct);
            }

            return Answer.Ok(new Changed(name));
        }
    }
}
