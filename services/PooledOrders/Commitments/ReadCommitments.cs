using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Pools;
using MediatR;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>
/// Reading commitments: a business its own, the town's buyers and finance staff all, a provider those of its pools once
/// they are awarded. Whoever may not see a commitment gets 404.
/// </summary>
public sealed class ReadCommitments : IEndpoint
{
    public sealed record Own(PageQuery Page, Guid? PoolId, string? Status) : IQuery;

    public sealed record OfPool(Guid PoolId, PageQuery Page) : IQuery;

    public sealed record One(Guid Id) : IQuery;

    public sealed record History(Guid Id) : IQuery;

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/commitments", (PageQuery page, Guid? poolId, string? status, IMediator mediator, CancellationToken ct) => mediator.Send(new Own(page, poolId, status), ct))
            .RequireRole(Roles.Business).Produces<Page<CommitmentView>>().WithTags("Commitments").WithSummary("My commitments, newest first");
        routes.MapGet("/api/pools/{id:guid}/commitments", (Guid id, PageQuery page, IMediator mediator, CancellationToken ct) => mediator.Send(new OfPool(id, page), ct))
            .RequireRole(Roles.Buyer, Roles.Finance, Roles.Provider).Produces<Page<CommitmentView>>().WithTags("Commitments").WithSummary("The commitments of a pool, in join order");
        routes.MapGet("/api/commitments/{id:guid}", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new One(id), ct))
            .RequireRole(Roles.Business, Roles.Buyer, Roles.Finance, Roles.Provider).Produces<CommitmentView>().WithTags("Commitments").WithSummary("Read a commitment");
        routes.MapGet("/api/commitments/{id:guid}/history", (Guid id, IMediator mediator, CancellationToken ct) => mediator.Send(new History(id), ct))
            .RequireRole(Roles.Business, Roles.Buyer, Roles.Finance, Roles.Provider).Produces<RecordedFact[]>().WithTags("Commitments").WithSummary("Every event of a commitment, oldest first");
    }

    public sealed class Handler(Session session, FactLog facts, Caller caller)
        : IRequestHandler<Own, Answer>, IRequestHandler<OfPool, Answer>, IRequestHandler<One, Answer>, IRequestHandler<History, Answer>
    {
        /// <summary>Which commitments the caller may see, for the <c>where</c> of every read.</summary>
        private const string Visible =
            """
            (@staff or c.organisation_id = @organisation and @business
             or v.provider_id = @organisation and @provider and p.status in ('confirmed', 'fulfilling', 'settled') and c.allocated_quantity is not null)
            """;

        public async Task<Answer> Handle(Own request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            var rows = await db.QueryAsync<CommitmentRow>(
                CommitmentRow.Select +
                """
                where c.organisation_id = @organisation
                  and (@PoolId::uuid is null or c.pool_id = @PoolId)
                  and (@Status::text is null or c.status = @Status)
                  and (@after::uuid is null or c.id < @after)
                order by c.id desc limit @limit
                """, new { organisation = caller.OrganisationId, request.PoolId, request.Status, after = request.Page.AfterId, limit = request.Page.Limit + 1 });
            return Answer.Ok(request.Page.Of(rows.Select(c => CommitmentView.Of(c)).ToList(), c => [c.Id.ToString()]));
        }

        public async Task<Answer> Handle(OfPool request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (await PoolRow.FindAsync(db, request.PoolId) is not { } pool || IsOnlyProvider && pool.ProviderId != caller.OrganisationId)
            {
                return Problem.NotFound("pool");
            }

            var after = request.Page.AfterId;
            var rows = await db.QueryAsync<CommitmentRow>(
                CommitmentRow.Select + $"where c.pool_id = @PoolId and {Visible}\n" +
                """
                  and (@after::uuid is null or (c.joined_at, c.id) > (select a.joined_at, a.id from commitment a where a.id = @after))
                order by c.joined_at, c.id limit @limit
                """, Rights(new { request.PoolId, after, limit = request.Page.Limit + 1 }));
            return Answer.Ok(request.Page.Of(rows.Select(c => CommitmentView.Of(c)).ToList(), c => [c.Id.ToString()]));
        }

        public async Task<Answer> Handle(One request, CancellationToken cancellationToken) =>
            await FindVisibleAsync(request.Id, cancellationToken) is { } commitment
                ? Answer.Ok(CommitmentView.Of(commitment), commitment.Version)
                : Problem.NotFound("commitment");

        public async Task<Answer> Handle(History request, CancellationToken cancellationToken) =>
            await FindVisibleAsync(request.Id, cancellationToken) is { } commitment
                ? Answer.Ok(await facts.HistoryAsync(commitment.Id, cancellationToken))
                : Problem.NotFound("commitment");

        private bool IsOnlyProvider => caller.Has(Roles.Provider) && !caller.Has(Roles.Buyer) && !caller.Has(Roles.Finance);

        private async Task<CommitmentRow?> FindVisibleAsync(Guid id, CancellationToken ct)
        {
            var db = await session.OpenAsync(ct);
            return await db.QuerySingleOrDefaultAsync<CommitmentRow>(CommitmentRow.Select + $"where c.id = @id and {Visible}", Rights(new { id }));
        }

        private DynamicParameters Rights(object parameters)
        {
            var all = new DynamicParameters(parameters);
            all.AddDynamicParams(new
            {
                staff = caller.Has(Roles.Buyer) || caller.Has(Roles.Finance),
                business = caller.Has(Roles.Business),
                provider = caller.Has(Roles.Provider),
                organisation = caller.OrganisationId,
            });
            return all;
        }
    }
}
