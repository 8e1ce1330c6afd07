using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Notifications;

/// <summary>Marks as read: one notification, or all that were there. Done twice, it keeps the first time.</summary>
public sealed class ReadNotifications : IEndpoint
{
    /// <param name="AsOf">Only what was there by then (UTC), as the list said; all, when it is left out.</param>
    public sealed record Body(DateTime? AsOf);

    public sealed record One(Guid Id) : ICommand;

    public sealed record All(DateTime? AsOf) : ICommand;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/notifications/{id:guid}/read", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .RequireRole()
            .WithTags("Notifications")
            .WithSummary("Marks a notification of the signed-in user as read and answers it.")
            .Produces<Notification>();
        routes.MapPost("/api/notifications/read", (Body? body, IMediator mediator, CancellationToken ct) => mediator.Send(new All(body?.AsOf), ct))
            .RequireRole()
            .WithTags("Notifications")
            .WithSummary("Marks all notifications of the signed-in user as read, up to an instant where one is given.")
            .Produces(StatusCodes.Status204NoContent);
    }

    public sealed class OneHandler(Session session, Caller caller, TimeProvider clock) : IRequestHandler<One, Answer>
    {
        public async Task<Answer> Handle(One command, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var mine = new { command.Id, caller.UserIdOrEmpty, now = clock.GetUtcNow().UtcDateTime };
            await db.ExecuteAsync("update notification set read_at = @now where id = @Id and account_id = @UserIdOrEmpty and read_at is null", mine);
            return await db.QuerySingleOrDefaultAsync<NotificationRow>(NotificationRow.Select + " where id = @Id and account_id = @UserIdOrEmpty", mine) is { } row
                ? Answer.Ok(row.ToNotification())
                : Problem.NotFound("notification");
        }
    }

    public sealed class AllHandler(Session session, Caller caller, TimeProvider clock) : IRequestHandler<All, Answer>
    {
        public async Task<Answer> Handle(All command, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            await db.ExecuteAsync(
                "update notification set read_at = @now where account_id = @UserIdOrEmpty and read_at is null and (@AsOf::timestamptz is null or created_at <= @AsOf)",
                new { caller.UserIdOrEmpty, command.AsOf, now = clock.GetUtcNow().UtcDateTime });
            return Answer.Done();
        }
    }
}
