using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Sessions;
using Marketplace.Gateway.TwoFactor;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Staff;

/// <summary>What the administrator can do about somebody's way in: close it, open it, end what is open, take a lost phone's factor away.</summary>
public sealed class CloseAccount : IEndpoint
{
    /// <summary>What is to be done.</summary>
    public enum Step
    {
        /// <summary>No more sign-ins; open sessions end.</summary>
        Disable,

        /// <summary>Sign-ins again.</summary>
        Enable,

        /// <summary>Open sessions end.</summary>
        EndSessions,

        /// <summary>Two-factor sign-in is off; open sessions end.</summary>
        RemoveTotp,
    }

    public sealed record Command(Guid Id, Step Step) : ICommand;

    public static void Map(IEndpointRouteBuilder routes)
    {
        Route(routes, "POST", "/api/auth/staff/{id:guid}/disable", Step.Disable, "Closes a staff account: its sessions end and it cannot sign in (admin); never the last administrator's.");
        Route(routes, "POST", "/api/auth/staff/{id:guid}/enable", Step.Enable, "Opens a closed staff account again (admin).");
        Route(routes, "DELETE", "/api/auth/staff/{id:guid}/sessions", Step.EndSessions, "Ends all sessions of a member of the staff (admin).");
        Route(routes, "DELETE", "/api/auth/staff/{id:guid}/totp", Step.RemoveTotp, "Switches two-factor sign-in off for a member of the staff whose device is lost (admin).");
    }

    private static void Route(IEndpointRouteBuilder routes, string method, string path, Step step, string summary) => routes
        .MapMethods(path, [method], (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, step), ct))
        .RequireRole(Roles.Admin)
        .WithTags("Staff")
        .WithSummary(summary)
        .Produces(StatusCodes.Status204NoContent);

    public sealed class Handler(Session session, OpenSessions open, FactLog facts, TimeProvider clock) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var isLast = await Administrators.IsLastAsync(db, command.Id);
            if (await Credentials.LockAsync(db, command.Id) is not { IsStaff: true } account)
            {
                return Problem.NotFound("staff account");
            }

            var version = account.Version + 1;
            switch (command.Step)
            {
                case Step.Disable when isLast:
                    return Administrators.LastOne;
                case Step.Disable when account.DisabledAt is null:
                    await db.ExecuteAsync("update account set disabled_at = @at, version = @version where id = @Id", new { at = clock.GetUtcNow().UtcDateTime, version, account.Id });
                    await facts.AppendAsync(account.Id, version, new AccountDisabled(), ct);
                    break;
                case Step.Enable when account.DisabledAt is not null:
                    await db.ExecuteAsync("update account set disabled_at = null, version = @version where id = @Id", new { version, account.Id });
                    await facts.AppendAsync(account.Id, version, new AccountEnabled(), ct);
                    return Answer.Done();
                case Step.RemoveTotp when account.TotpSecret is not null:
                    await SecondFactor.RemoveAsync(db, account.Id);
                    await facts.AppendAsync(account.Id, version, new TwoFactorRemoved(), ct);
                    break;
                case Step.EndSessions:
                    version = account.Version;
                    break;
                default:
                    return Answer.Done();
            }

            if (await NewSession.EndAllAsync(db, account.Id) is { Length: > 0 } ended)
            {
                await facts.AppendAsync(account.Id, version, new SessionsEnded(ended), ct);
                open.Forget(ended);
            }

            return Answer.Done();
        }
    }
}
