using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.Pools;

/// <summary><c>GET /api/pools</c> and <c>GET /api/pools/{id}</c>: public; <c>GET /api/pools/{id}/history</c>: the town's staff.</summary>
public sealed class ReadPools : IEndpoint
{
    public sealed record List(PageQuery Page, string? Status, string? Category, string? Territory, Guid? PackId, Guid? ProviderId) : IQuery;

    public sealed record One(Guid Id) : IQuery;

    public sealed record History(Guid Id) : IQuery;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/pools", (PageQuery page, string? status, string? category, string? territory, Guid? packId, Guid? providerId, IMediator mediator, CancellationToken ct) =>
                mediator.Send(new List(page, status, category, territory, packId, providerId), ct))
            .Produces<Page<PoolView>>().WithTags("Pools").WithSummary("List pools, newest first");
        routes.MapGet("/api/pools/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .Produces<PoolView>().WithTags("Pools").WithSummary("Read a pool");
        routes.MapGet("/api/pools/{id:guid}/history", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new History(id), ct))
            .RequireRole(Roles.Buyer, Roles.Finance, Roles.Admin).Produces<RecordedFact[]>().WithTags("Pools").WithSummary("Every event of a pool, oldest first");
    }

    public sealed class Handler(Session session, FactLog facts) : IRequestHandler<List, Answer>, IRequestHandler<One, Answer>, IRequestHandler<History, Answer>
    {
        public async Task<Answer> Handle(List request, CancellationToken cancellationToken)
        {
            if (request.Status is not null && !PoolStatus.All.Contains(request.Status))
            {
                return Problem.Invalid("status", $"One of {string.Join(", ", PoolStatus.All)}.");
            }

            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<PoolRow>(
                PoolRow.Select +
                """
                where (@Status::text is null or p.status = @Status)
                  and (@Category::text is null or v.category = @Category)
                  and (@Territory::text is null or @Territory = any(p.territories))
                  and (@PackId::uuid is null or p.pack_id = @PackId)
                  and (@ProviderId::uuid is null or v.provider_id = @ProviderId)
                  and (@after::uuid is null or p.id < @after)
                order by p.id desc limit @limit
                """,
                new { request.Status, request.Category, request.Territory, request.PackId, request.ProviderId, after = request.Page.AfterId, limit = request.Page.Limit + 1 });
            return Answer.Ok(request.Page.Of(rows.Select(PoolView.Of).ToList(), p => [p.Id.ToString()]));
        }

        public async Task<Answer> Handle(One request, CancellationToken cancellationToken) =>
            await PoolRow.FindAsync(await session.OpenAsync(cancellationToken), request.Id) is { } pool
                ? Answer.Ok(PoolView.Of(pool), pool.Version)
                : Problem.NotFound("pool");

        public async Task<Answer> Handle(History request, CancellationToken cancellationToken) =>
            await facts.HistoryAsync(request.Id, cancellationToken) is { Count: > 0 } history
                ? Answer.Ok(history)
                : Problem.NotFound("pool");
    }
}
