using FluentValidation;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Accounts;

/// <summary>The administrator gives a member of the town's staff an account.</summary>
public sealed class CreateStaff : IEndpoint
{
    /// <summary>The roles that staff can hold; one person may hold several.</summary>
    public static readonly string[] StaffRoles = [Roles.Buyer, Roles.Assessor, Roles.Finance, Roles.Admin];

    public sealed record Body(string? Email, Secret? Password, string? DisplayName, string[]? Roles);

    public sealed record Command(Body? Body) : ICommand;

    public sealed record Created(Guid UserId);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/staff", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .HashesPasswords()
        .RequireRole(Roles.Admin)
        .WithTags("Accounts")
        .WithSummary("Creates an account for the town's staff (admin).")
        .Produces<Created>(StatusCodes.Status201Created);

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
                RuleFor(c => c.Body!.Roles).NotEmpty().Must(r => r is null || r.All(StaffRoles.Contains))
                    .WithMessage($"One or more of {string.Join(", ", StaffRoles)} are expected.");
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, PasswordHashing hashing, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var body = command.Body!;
            var hash = await hashing.HashAsync(body.Password!);
            var account = new Account(Guid.CreateVersion7(), body.Email!.Trim(), body.DisplayName!.Trim(), hash, body.Roles!.Distinct().ToArray(), null);
            if (!await NewAccount.InsertAsync(await session.OpenAsync(ct), account, clock.GetUtcNow().UtcDateTime))
            {
                return AccountProblems.EmailTaken;
            }

            await facts.AppendAsync(account.Id, 1, new StaffAccountCreated(account.Roles), ct);
            return Answer.Created(null, new Created(account.Id));
        }
    }
}
