using System.Globalization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary><c>GET /api/pools/card-reconciliation/lines?poolId=&amp;from=&amp;to=</c>: what each business was charged, line by line, oldest first.</summary>
public sealed class ReadStatementLines : IEndpoint
{
    public sealed record Query(Period Period, PageQuery Page) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/card-reconciliation/lines", (PageQuery page, Guid? poolId, string? from, string? to, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(Period.Parse(poolId, from, to), page), ct))
        .RequireRole(Roles.Finance).Produces<Page<StatementRow>>().WithTags("Card reconciliation").WithSummary("The statement beside the records, line by line");

    public sealed class Handler(Session session, StatementRefresh refresh) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var (afterAt, afterSubject) = After(request.Page);
            var db = await session.OpenAsync(cancellationToken);
            if (!await request.Period.IsKnownAsync(db))
            {
                return Problem.NotFound("pool");
            }

            await refresh.ForReaderAsync(db, cancellationToken);
            var (poolId, from, to) = request.Period;
            var rows = await db.QueryAsync<StatementRow>(
                $"""
                {StatementRow.Select}
                where {Period.Holds("m.at", "m.pool_id")} and (@afterAt::timestamptz is null or (m.at, m.subject) > (@afterAt, @afterSubject))
                order by m.at, m.subject limit @limit
                """, new { poolId, from, to, afterAt, afterSubject, limit = request.Page.Limit + 1 });
            return Answer.Ok(request.Page.Of(rows.AsList(), r => [r.At.ToString("O", CultureInfo.InvariantCulture), r.Subject]));
        }

        private static (DateTime? At, string? Subject) After(PageQuery page) => page.After switch
        {
            [] => (null, null),
            [var at, var subject] when DateTime.TryParseExact(at, "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var instant)
                && instant.Kind == DateTimeKind.Utc && !subject.Contains('\0', StringComparison.Ordinal) => (instant, subject),
            _ => throw PageQuery.Refused("cursor", "The cursor is not one of this list."),
        };
    }
}
