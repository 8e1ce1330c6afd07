using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Staff;

/// <summary>Who works here, and how each may sign in.</summary>
public sealed class ListStaff : IEndpoint
{
    public sealed record Query(Guid? Id, PageQuery Page) : IQuery;

    public sealed record Member(
        Guid Id, string Email, string DisplayName, string[] Roles, bool TwoFactor, bool IsDisabled, DateTime CreatedAt, DateTime? LastSignInAt, int OpenSessions, int Version);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/auth/staff", (PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(null, page), ct))
            .RequireRole(Roles.Admin)
            .WithTags("Staff")
            .WithSummary("The town's staff, oldest account first (admin).")
            .Produces<Page<Member>>();
        routes.MapGet("/api/auth/staff/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(id, new PageQuery(1, [])), ct))
            .RequireRole(Roles.Admin)
            .WithTags("Staff")
            .WithSummary("One member of the staff (admin).")
            .Produces<Member>();
    }

    public sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            var rows = (await db.QueryAsync<Member>(
                """
                select a.id, a.email, a.display_name, a.roles, a.totp_secret is not null as two_factor, a.disabled_at is not null as is_disabled, a.created_at,
                       s.last_sign_in_at, coalesce(s.open_sessions, 0)::int as open_sessions, a.version
                from account a
                left join lateral (select max(created_at) as last_sign_in_at, count(*) filter (where ended_at is null and expires_at > @now) as open_sessions
                                   from session where account_id = a.id) s on true
                where a.organisation_id is null and (@Id::uuid is null or a.id = @Id) and (@AfterId::uuid is null or a.id > @AfterId)
                order by a.id limit @Limit + 1
                """,
                new { query.Id, query.Page.AfterId, query.Page.Limit, now = TimeProvider.System.GetUtcNow().UtcDateTime })).ToList();
            return query.Id is null ? Answer.Ok(query.Page.Of(rows, m => [$"{m.Id}"]))
                : rows is [{ } one] ? Answer.Ok(one, one.Version)
                : Problem.NotFound("staff account");
        }
    }
}
