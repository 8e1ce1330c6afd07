using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.Notes.Notes;

/// <summary>Notes by title and id.</summary>
public sealed class ListNotes : IEndpoint
{
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/notes", (string? prefix, int? minWeight, Guid? author, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(prefix, minWeight, page), ct))
        .RequireRole();

    public sealed record Query(string? Prefix, int? MinWeight, PageQuery Page) : IQuery;

    private sealed record Row(Guid Id, string Title, int Weight, string Status, int Version);

    private sealed class Handler(Session session) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query query, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<Row>(
                """
                select id, title, weight, status, version from note
                where starts_with(title, @prefix) and weight >= @weight and (@id::uuid is null or (title, id) > (@title, @id))
                order by title, id limit @take
                """,
                new { prefix = query.Prefix ?? "", weight = query.MinWeight ?? 0, id = query.Page.AfterId, title = query.Page.After.Count == 0 ? "" : query.Page.After[0], take = query.Page.Limit + 1 });
            return Answer.Ok(query.Page.Of(rows.AsList(), r => [r.Title, $"{r.Id}"]));
        }
    }
}
