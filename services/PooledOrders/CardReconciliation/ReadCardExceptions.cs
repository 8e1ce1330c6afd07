using System.Globalization;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary><c>GET /api/pools/card-reconciliation/exceptions?status=&amp;kind=&amp;poolId=</c>, newest first; one with its history.</summary>
public sealed class ReadCardExceptions : IEndpoint
{
    private static readonly string[] Statuses = ["open", "resolved", "closed"];

    public sealed record List(PageQuery Page, string? Status, string? Kind, Guid? PoolId) : IQuery;

    public sealed record One(Guid Id) : IQuery;

    public sealed record History(Guid Id) : IQuery;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/pools/card-reconciliation/exceptions", (PageQuery page, string? status, string? kind, Guid? poolId, IMediator mediator, CancellationToken ct) =>
                mediator.Send(new List(page, status, kind, poolId), ct))
            .RequireRole(Roles.Finance).Produces<Page<CardExceptionView>>().WithTags("Card reconciliation").WithSummary("Differences with the payment provider, newest first");
        routes.MapGet("/api/pools/card-reconciliation/exceptions/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .RequireRole(Roles.Finance).Produces<CardExceptionView>().WithTags("Card reconciliation").WithSummary("Read a difference");
        routes.MapGet("/api/pools/card-reconciliation/exceptions/{id:guid}/history", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new History(id), ct))
            .RequireRole(Roles.Finance).Produces<RecordedFact[]>().WithTags("Card reconciliation").WithSummary("Every event of a difference, oldest first");
    }

    public sealed class Handler(Session session, FactLog facts) : IRequestHandler<List, Answer>, IRequestHandler<One, Answer>, IRequestHandler<History, Answer>
    {
        public async Task<Answer> Handle(List request, CancellationToken cancellationToken)
        {
            if (request.Status is not null && !Statuses.Contains(request.Status))
            {
                return Problem.Invalid("status", $"One of {string.Join(", ", Statuses)}.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<CardExceptionView>(
                CardExceptionView.Select +
                """
                where (@Status::text is null or x.status = @Status) and (@Kind::text is null or x.kind = @Kind) and (@PoolId::uuid is null or x.pool_id = @PoolId)
                  and (@after::uuid is null or x.id < @after)
                order by x.id desc limit @limit
                """, new { request.Status, request.Kind, request.PoolId, after = request.Page.AfterId, limit = request.Page.Limit + 1 });
            return Answer.Ok(request.Page.Of(rows.AsList(), x => [x.Id.ToString("D", CultureInfo.InvariantCulture)]));
        }

        public async Task<Answer> Handle(One request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            return await db.QuerySingleOrDefaultAsync<CardExceptionView>(CardExceptionView.Select + "where x.id = @Id", new { request.Id }) is { } found
                ? Answer.Ok(found, found.Version)
                : Problem.NotFound("exception");
        }

        public async Task<Answer> Handle(History request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            return await db.ExecuteScalarAsync<bool>("select exists (select from card_exception where id = @Id)", new { request.Id })
                ? Answer.Ok(await facts.HistoryAsync(request.Id, cancellationToken))
                : Problem.NotFound("exception");
        }
    }
}
