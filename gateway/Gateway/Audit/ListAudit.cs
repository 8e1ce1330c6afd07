using System.Text.Json;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Gateway.Audit;

/// <summary>Everything that happened to accounts, newest first: sign-ins and their failures, passwords, second factors, roles, registrations.</summary>
public sealed class ListAudit : IEndpoint
{
    public sealed record Query(Guid? AccountId, string? Type, PageQuery Page) : IQuery;

    /// <param name="Type">Such as <c>signed-in</c>, <c>sign-in-failed</c>, <c>roles-changed</c>.</param>
    /// <param name="AccountId">Which account or organisation it is about; null for an unknown e-mail.</param>
    /// <param name="Account">Its e-mail, or its organisation's name.</param>
    /// <param name="Actor">E-mail of who did it; null for the system.</param>
    public sealed record Entry(Guid Id, DateTime At, string Type, Guid? AccountId, string? Account, Guid? ActorId, string? Actor, string? ActorRole, JsonElement Data);

    private sealed record Row(long Sequence, Guid Id, DateTime At, string Type, Guid StreamId, string? Account, Guid? Actor, string? ActorEmail, string? ActorRole, string Data);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/auth/audit", (Guid? accountId, string? type, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(accountId, type, page), ct))
        .RequireRole(Roles.Admin)
        .WithTags("Audit")
        .WithSummary("What happened to accounts, newest first, of one account or of one type where asked (admin).")
        .Produces<Page<Entry>>();

    public sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken ct)
        {
            if (query.Type is { } type && (type.Length is 0 or > 60 || !type.All(c => c is >= 'a' and <= 'z' or '-')))
            {
                return Problem.Invalid("type", "A type is a lower-case hyphenated word, such as sign-in-failed.");
            }

            long? after = null;
            if (query.Page.After.Count > 0)
            {
                after = long.TryParse(query.Page.After[^1], out var sequence) ? sequence : throw PageQuery.Refused("cursor", "The cursor is not one of this list.");
            }

            var db = await session.OpenAsync(ct);
            var rows = (await db.QueryAsync<Row>(
                """
                select f.sequence, f.id, f.at, split_part(f.type, '.', 2) as type, f.stream_id, coalesce(a.email, o.name) as account, f.actor, b.email as actor_email, f.actor_role, f.data::text
                from fact f left join account a on a.id = f.stream_id left join organisation o on o.id = f.stream_id left join account b on b.id = f.actor
                where (@after::bigint is null or f.sequence < @after) and (@AccountId::uuid is null or f.stream_id = @AccountId) and (@type::text is null or f.type = @type)
                order by f.sequence desc limit @Limit + 1
                """,
                new { after, query.AccountId, type = query.Type is null ? null : $"gateway.{query.Type}.v1", query.Page.Limit })).ToList();
            var page = query.Page.Of(rows, r => [$"{r.Sequence}"]);
            return Answer.Ok(new Page<Entry>(page.Items.Select(ToEntry).ToList(), page.NextCursor));
        }

        private static Entry ToEntry(Row row) => new(
            row.Id, row.At, row.Type, row.StreamId == Guid.Empty ? null : row.StreamId, row.Account, row.Actor, row.ActorEmail, row.ActorRole,
            JsonSerializer.Deserialize<JsonElement>(row.Data, Json.Options));
    }
}
