using Dapper;
using FluentValidation;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Staff;

/// <summary>The administrator changes what somebody may do; their sessions end, so that the next token tells the new roles.</summary>
public sealed class ChangeRoles : IEndpoint
{
    public sealed record Body(string[]? Roles);

    public sealed record Command(Guid Id, Body? Body) : ICommand;

    public sealed record Changed(string[] Roles, int Version);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapPut("/api/auth/staff/{id:guid}/roles", (Guid id, Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, body), ct))
        .RequireRole(Roles.Admin)
        .WithTags("Staff")
        .WithSummary("Replaces the roles of a member of the staff and ends their sessions (admin).")
        .Produces<Changed>();

    public sealed class Validator : AbstractValidator<Command>
    {
        public Validator()
        {
            RuleFor(c => c.Body).NotNull().WithMessage("A JSON object is expected.").OverridePropertyName("");
            When(c => c.Body is not null, () => RuleFor(c => c.Body!.Roles).NotEmpty().Must(r => r is null || r.All(CreateStaff.StaffRoles.Contains))
                .WithMessage($"One or more of {string.Join(", ", CreateStaff.StaffRoles)} are expected."));
        }
    }

    public sealed class Handler(Session session, OpenSessions open, FactLog facts, Caller caller) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var (db, roles) = (await session.OpenAsync(ct), command.Body!.Roles!.Distinct().ToArray());
            var isLast = await Administrators.IsLastAsync(db, command.Id);
            if (await Credentials.LockAsync(db, command.Id) is not { IsStaff: true } account)
            {
                return Problem.NotFound("staff account");
            }

            if (caller.ExpectedVersion is { } expected && expected != account.Version)
            {
                return Problem.Stale(account.Version);
            }

            if (isLast && !roles.Contains(Roles.Admin))
            {
                return Administrators.LastOne;
            }

            if (roles.Order().SequenceEqual(account.Roles.Order()))
            {
                return Answer.Ok(new Changed(account.Roles, account.Version), account.Version);
            }

            var version = account.Version + 1;
            await db.ExecuteAsync("update account set roles = @roles, version = @version where id = @Id", new { roles, version, account.Id });
            var ended = await NewSession.EndAllAsync(db, account.Id);
            await facts.AppendAsync(account.Id, version, new RolesChanged(account.Roles, roles), ct);
            open.Forget(ended);
            return Answer.Ok(new Changed(roles, version), version);
        }
    }
}
