using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Sessions;

/// <summary>The user ends one of their sessions, the present one included, or all others.</summary>
public sealed class EndSessions : IEndpoint
{
    /// <summary>Ends <paramref name="Id"/>; without it, all but <paramref name="Current"/>.</summary>
    public sealed record Command(Guid? Id, Guid? Current) : ICommand;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapDelete("/api/auth/sessions", (HttpContext context, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(null, context.Id()), ct))
            .RequireRole()
            .WithTags("Sessions")
            .WithSummary("Ends all sessions of the signed-in user but this one.")
            .Produces(StatusCodes.Status204NoContent);
        routes.MapDelete("/api/auth/sessions/{id:guid}", (Guid id, HttpContext context, IMediator mediator, CancellationToken ct) => mediator.Send(new Command(id, context.Id()), ct))
            .RequireRole()
            .WithTags("Sessions")
            .WithSummary("Ends a session of the signed-in user; this one: signs out.")
            .Produces(StatusCodes.Status204NoContent);
    }

    public sealed class Handler(Session session, OpenSessions open, FactLog facts, Caller caller) : IRequestHandler<Command, Answer>
    {
        public async Task<Answer> Handle(Command command, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            if (await Credentials.LockAsync(db, caller.UserId) is not { } account)
            {
                return Problem.NotFound("session");
            }

            if (command.Id is { } one && !await db.ExecuteScalarAsync<bool>("select exists (select from session where id = @one and account_id = @Id)", new { one, account.Id }))
            {
                return Problem.NotFound("session");
            }

            var ended = command.Id is { } id
                ? (await db.QueryAsync<Guid>("update session set ended_at = @now where id = @id and ended_at is null returning id", new { id, now = TimeProvider.System.GetUtcNow().UtcDateTime })).ToArray()
                : await NewSession.EndAllAsync(db, account.Id, command.Current);
            if (ended.Length > 0)
            {
                await facts.AppendAsync(account.Id, account.Version, new SessionsEnded(ended), ct);
                open.Forget(ended);
            }

            return Answer.Done();
        }
    }
}
