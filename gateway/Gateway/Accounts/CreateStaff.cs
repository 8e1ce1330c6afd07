using Dapper;
using FluentValidation;
using Marketplace.Gateway.Passwords;
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

    public sealed record Body(string? Email, Secret? Password, string? DisplayName, string[]? Roles, string? Language = null);

    public sealed record Command(Body? Body) : ICommand;

    public sealed record Created(Guid UserId);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPost("/api/auth/staff", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(body), ct))
        .HashesPasswords()
        .RequireRole(Roles.Admin)
        .WithTags("Accounts")
        .WithSummary("Creates an account for the town's staff (admin); without a password, its holder is sent a link (in fr or en) to choose one.")
        .Produces<Created>(StatusCodes.Status201Created);

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () =>
            {
                RuleFor(c => c.Body!.Email).IsEmail();
                When(c => c.Body!.Password is not null, () => RuleFor(c => c.Body!.Password).IsGoodPassword(c => c.Body!.Email));
                RuleFor(c => c.Body!.Language).Must(l => l is null or "fr" or "en").WithMessage("The language is fr or en.");
                RuleFor(c => c.Body!.DisplayName).IsName();
                RuleFor(c => c.Body!.Roles).NotEmpty().Must(r => r is null || r.All(StaffRoles.Contains))
                    .WithMessage($"One or more of {string.Join(", ", StaffRoles)} are expected.");
            });
        }
    }

    public sealed class Handler(Session session, FactLog facts, PasswordHashing hashing, SendResetLinks sender, IHttpContextAccessor http, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var body = command.Body!;
            var hash = await hashing.HashAsync(body.Password ?? new Secret(ResetToken.New()));
            var (db, at) = (await session.OpenAsync(ct), clock.GetUtcNow().UtcDateTime);
            var account = new Account(Guid.CreateVersion7(), body.Email!.Trim(), body.DisplayName!.Trim(), hash, body.Roles!.Distinct().ToArray(), null);
            if (!await NewAccount.InsertAsync(db, account, at))
            {
                return AccountProblems.EmailTaken;
            }

            await facts.AppendAsync(account.Id, 1, new StaffAccountCreated(account.Roles), ct);
            if (body.Password is null)
            {
                await db.ExecuteAsync(
                    "insert into password_reset (id, email_key, is_welcome, language, requested_at, send_at) values (@id, @key, true, @language, @at, @at)",
                    new { id = Guid.CreateVersion7(), key = Email.Key(account.Email), language = body.Language ?? "fr", at });
                http.HttpContext!.Response.OnCompleted(() =>
                {
                    sender.Wake();
                    return Task.CompletedTask;
                });
            }

            return Answer.Created(null, new Created(account.Id));
        }
    }
}
