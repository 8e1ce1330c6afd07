using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;

namespace Marketplace.PooledOrders.ProviderShares;

/// <summary>
/// <c>GET /api/pools/provider-shares?providerId=&amp;poolId=</c>: what each provider is owed per pool, paid so far, and due, with
/// ageing. Finance and buyers see all, a provider its own.
/// </summary>
public sealed class ReadProviderShares : IEndpoint
{
    public sealed record Query(PageQuery Page, Guid? ProviderId, Guid? PoolId) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/provider-shares", (PageQuery page, Guid? providerId, Guid? poolId, IMediator mediator, CancellationToken ct) => mediator.Send(new Query(page, providerId, poolId), ct))
        .RequireRole(Roles.Finance, Roles.Buyer, Roles.Provider).Produces<SharesPage>().WithTags("Provider shares")
        .WithSummary("What each provider is owed, paid so far and due, with ageing");

    /// <summary>Whose shares the caller sees: the asked for, and for a provider only its own.</summary>
    /// <returns>False when the caller asks for another provider's.</returns>
    public static bool TrySee(Caller caller, ref Guid? providerId)
    {
        if (caller.Has(Roles.Finance) || caller.Has(Roles.Buyer))
        {
            return true;
        }

        if (providerId is not null && providerId != caller.OrganisationId)
        {
            return false;
        }

        providerId = caller.OrganisationId ?? Guid.Empty;
        return true;
    }

    public sealed class Handler(Session session, Caller caller, TimeProvider clock) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var providerId = request.ProviderId;
            if (!TrySee(caller, ref providerId))
            {
                return Problem.NotFound("provider");
            }

            var db = await session.OpenAsync(cancellationToken);
            var now = clock.GetUtcNow().UtcDateTime;
            var after = request.Page.AfterId;
            var rows = await db.QueryAsync<ShareRow>(
                $"select * from ({ShareRow.Select}) s where @after::uuid is null or s.pool_id < @after order by s.pool_id desc limit @limit",
                new { now, providerId, request.PoolId, after, limit = request.Page.Limit + 1 });
            var page = request.Page.Of(rows.Select(r => r.ToView()).ToList(), s => [s.PoolId.ToString()]);
            var totals = await db.QuerySingleAsync<Totals>(
                $"""
                select coalesce(sum(commitment_count), 0)::bigint as commitment_count, coalesce(sum(invoiced_cents), 0)::bigint as invoiced_cents, coalesce(sum(aid_cents), 0)::bigint as aid_cents,
                       coalesce(sum(owed_cents), 0)::bigint as owed_cents, coalesce(sum(collected_cents), 0)::bigint as collected_cents, coalesce(sum(refunded_cents), 0)::bigint as refunded_cents,
                       coalesce(sum(to_refund_cents), 0)::bigint as to_refund_cents, coalesce(sum(due_cents), 0)::bigint as due_cents,
                       coalesce(sum(days0_to30_cents), 0)::bigint as days0_to30_cents, coalesce(sum(days31_to60_cents), 0)::bigint as days31_to60_cents,
                       coalesce(sum(days61_to90_cents), 0)::bigint as days61_to90_cents, coalesce(sum(days_over90_cents), 0)::bigint as days_over90_cents
                from ({ShareRow.Select}) s
                """, new { now, providerId, request.PoolId });
            return Answer.Ok(new SharesPage(page.Items, page.NextCursor, totals.ToView()));
        }
    }

    private sealed record Totals(
        long CommitmentCount, long InvoicedCents, long AidCents, long OwedCents, long CollectedCents, long RefundedCents, long ToRefundCents, long DueCents,
        long Days0To30Cents, long Days31To60Cents, long Days61To90Cents, long DaysOver90Cents)
    {
        public ShareTotals ToView() =>
            new(CommitmentCount, InvoicedCents, AidCents, OwedCents, CollectedCents, RefundedCents, ToRefundCents, DueCents, new(Days0To30Cents, Days31To60Cents, Days61To90Cents, DaysOver90Cents));
    }
}
