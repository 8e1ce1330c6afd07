using System.Globalization;
using System.Text.Json;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Notifications;

/// <summary>What the user has been told, newest first.</summary>
public sealed class ListNotifications : IEndpoint
{
    public sealed record Query(PageQuery Page) : IQuery;

    /// <param name="UnreadCount">Of all, not only of this page.</param>
    /// <param name="AsOf">When it was read (UTC), to mark as read what was seen and nothing newer.</param>
    public sealed record Overview(IReadOnlyList<Notification> Items, string? NextCursor, long UnreadCount, DateTime AsOf);

    public sealed record Unread(long Count);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/notifications", (PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(page), ct))
            .RequireRole()
            .WithTags("Notifications")
            .WithSummary("What the signed-in user has been told, newest first, with the number of unread ones.")
            .Produces<Overview>();
        routes.MapGet("/api/notifications/unread", async (Session session, Caller caller, CancellationToken ct) =>
            Answer.Ok(new Unread(await CountAsync(session, caller, ct))))
            .RequireRole()
            .WithTags("Notifications")
            .WithSummary("How many notifications the signed-in user has not read.")
            .Produces<Unread>();
    }

    private static async Task<long> CountAsync(Session session, Caller caller, CancellationToken ct) =>
        await (await session.OpenAsync(ct)).ExecuteScalarAsync<long>("select count(*) from notification where account_id = @UserIdOrEmpty and read_at is null", new { caller.UserIdOrEmpty });

    public sealed class Handler(Session session, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var asOf = clock.GetUtcNow().UtcDateTime;
            var db = await session.OpenAsync(ct);
            var rows = (await db.QueryAsync<NotificationRow>(
                NotificationRow.Select + """
                 where account_id = @UserIdOrEmpty and (@after::timestamptz is null or (given_at, id) < (@after, @AfterId))
                order by given_at desc, id desc limit @Limit + 1
                """,
                new { caller.UserIdOrEmpty, after = After(query.Page), query.Page.AfterId, query.Page.Limit })).ToList();
            var page = query.Page.Of(rows, r => [r.GivenAt.ToString("O", CultureInfo.InvariantCulture), $"{r.Id}"]);
            return Answer.Ok(new Overview(page.Items.Select(r => r.ToNotification()).ToList(), page.NextCursor, await CountAsync(session, caller, ct), asOf));
        }

        private static DateTime? After(PageQuery page) => page.After switch
        {
            [] => null,
            [var at, _] when DateTime.TryParseExact(at, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant) && instant.Kind == DateTimeKind.Utc => instant,
            _ => throw PageQuery.Refused("cursor", "The cursor is not one of this list."),
        };
    }
}

/// <summary>Something that the user has been told.</summary>
/// <param name="Kind">
/// <c>pool-closes-soon</c>, <c>next-tier-near</c>, <c>pool-confirmed</c>, <c>pool-failed</c>, <c>pool-cancelled</c>, <c>payment-failed</c>, <c>delivery-declared</c>,
/// <c>order-confirmed</c>, <c>delivery-refused</c>, <c>evidence-expires</c>, <c>accreditation-expires</c>; there may be others later.
/// </param>
/// <param name="GivenAt">When the service gave it (UTC).</param>
/// <param name="ReadAt">When the user read it (UTC); null while unread.</param>
public sealed record Notification(Guid Id, string Kind, NoticeData Data, DateTime GivenAt, DateTime? ReadAt);

/// <summary>As it is stored.</summary>
internal sealed record NotificationRow(Guid Id, string Kind, string Data, DateTime GivenAt, DateTime? ReadAt)
{
    public const string Select = "select id, kind, data::text, given_at, read_at from notification";

    public Notification ToNotification() => new(Id, Kind, JsonSerializer.Deserialize<NoticeData>(Data, Json.Options)!, GivenAt, ReadAt);
}
