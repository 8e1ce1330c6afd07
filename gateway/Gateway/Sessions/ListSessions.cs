using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Sessions;

/// <summary>Where the user is signed in.</summary>
public sealed class ListSessions : IEndpoint
{
    public sealed record Query(PageQuery Page, Guid? Current) : IQuery;

    /// <summary>An open session. Its last use is noted to five minutes, and only by pages and by the gateway's own calls.</summary>
    public sealed record Item(Guid Id, string Address, string UserAgent, DateTime CreatedAt, DateTime ExpiresAt, DateTime LastUsedAt, bool IsCurrent);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/auth/sessions", (PageQuery page, HttpContext context, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(page, context.Id()), ct))
            .RequireRole()
            .WithTags("Sessions")
            .WithSummary("The open sessions of the signed-in user, newest first.")
            .Produces<Page<Item>>();
        routes.MapGet("/api/auth/sessions/current", async (HttpContext context, Session session, CancellationToken ct) =>
            await (await session.OpenAsync(ct)).QuerySingleOrDefaultAsync<Item>(Select + " where id = @current", new { current = context.Id() }) is { } item ? Answer.Ok(item) : Problem.NotFound("session"))
            .RequireRole()
            .WithTags("Sessions")
            .WithSummary("The session of this token; 401 once it has ended.")
            .Produces<Item>();
    }

    private const string Select = "select id, address, user_agent, created_at, expires_at, last_used_at, id is not distinct from @current as is_current from session";

    public sealed class Handler(Session session, Caller caller) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var rows = (await db.QueryAsync<Item>(
                Select + """
                 where account_id = @UserId and ended_at is null and expires_at > @now and (@AfterId::uuid is null or id < @AfterId)
                order by id desc limit @Limit + 1
                """,
                new { query.Current, caller.UserId, now = TimeProvider.System.GetUtcNow().UtcDateTime, query.Page.AfterId, query.Page.Limit })).ToList();
            return Answer.Ok(query.Page.Of(rows, i => [$"{i.Id}"]));
        }
    }
}
