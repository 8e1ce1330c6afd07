using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using MediatR;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// <c>GET /api/pools/card-reconciliation?poolId=&amp;from=&amp;to=</c>: what was recorded beside the payment provider's statement.
/// A payment belongs to the day of its line; one without a line to the day it was recorded.
/// </summary>
public sealed class ReadReconciliation : IEndpoint
{
    public sealed record Query(Period Period) : IQuery;

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/pools/card-reconciliation", (Guid? poolId, string? from, string? to, IMediator mediator, CancellationToken ct) =>
            mediator.Send(new Query(Period.Parse(poolId, from, to)), ct))
        .RequireRole(Roles.Finance).Produces<CardReconciliationView>().WithTags("Card reconciliation")
        .WithSummary("What businesses were charged, beside the payment provider's statement and payouts");

    public sealed class Handler(Session session, StatementRefresh refresh) : IRequestHandler<Query, Answer>
    {
        public async Task<Answer> Handle(Query request, CancellationToken cancellationToken)
        {
            var db = await session.OpenAsync(cancellationToken);
            if (!await request.Period.IsKnownAsync(db))
            {
                return Problem.NotFound("pool");
            }

            var isFresh = await refresh.ForReaderAsync(db, cancellationToken);
            var sums = await SumsAsync(db, request.Period);
            var exceptions = (await db.QueryAsync<CardExceptionView>(
                $"{CardExceptionView.Select} where x.status <> 'closed' and {Period.Holds("x.at", "x.pool_id")} order by x.status, x.at desc, x.id limit 200", request.Period)).AsList();
            var exceptionCount = await db.ExecuteScalarAsync<long>(
                $"select count(*) from card_exception x where x.status <> 'closed' and {Period.Holds("x.at", "x.pool_id")}", request.Period);
            return Answer.Ok(sums.ToView(await StatementRefresh.FetchedAtAsync(db), !isFresh, exceptionCount, exceptions, await PayoutsAsync(db, request.Period)));
        }

        private static Task<Sums> SumsAsync(NpgsqlConnection db, Period period) => db.QuerySingleAsync<Sums>(
            $"""
            select count(*) filter (where m.side = 'payment') as recorded_count, coalesce(sum(m.recorded_cents) filter (where m.side = 'payment'), 0)::bigint as recorded_cents,
                   count(*) filter (where m.side = 'refund') as given_count, coalesce(-sum(m.recorded_cents) filter (where m.side = 'refund'), 0)::bigint as given_cents,
                   count(*) filter (where b.kind = 'charge') as charged_count, coalesce(sum(b.amount_cents) filter (where b.kind = 'charge'), 0)::bigint as charged_cents,
                   count(*) filter (where b.kind = 'refund') as refunded_count, coalesce(-sum(b.amount_cents) filter (where b.kind = 'refund'), 0)::bigint as refunded_cents,
                   coalesce(sum(b.amount_cents) filter (where b.kind in ('refund-failure', 'dispute', 'other')), 0)::bigint as adjustments_cents,
                   coalesce(sum(case b.kind when 'fee' then b.fee_cents - b.amount_cents when 'payout' then 0 else b.fee_cents end), 0)::bigint as fees_cents,
                   coalesce(sum(b.net_cents) filter (where b.kind <> 'payout'), 0)::bigint as net_cents,
                   coalesce(sum(b.net_cents) filter (where b.kind <> 'payout' and p.status = 'paid'), 0)::bigint as paid_out_cents,
                   count(*) filter (where m.kind = 'exact' and m.side = 'payment') as exact_count, coalesce(sum(m.statement_cents) filter (where m.kind = 'exact' and m.side = 'payment'), 0)::bigint as exact_cents,
                   count(*) filter (where m.kind = 'exact' and m.side = 'refund') as exact_refund_count, coalesce(-sum(m.statement_cents) filter (where m.kind = 'exact' and m.side = 'refund'), 0)::bigint as exact_refund_cents,
                   count(*) filter (where m.kind = 'waiting') as waiting_count, coalesce(sum(m.recorded_cents - m.statement_cents) filter (where m.kind = 'waiting'), 0)::bigint as waiting_cents,
                   coalesce(sum(m.recorded_cents - m.statement_cents), 0)::bigint as difference_cents
            from card_match m
            left join balance_transaction b on b.id = m.line_id and b.currency = 'eur'
            left join payout p on p.id = b.payout_id
            where {Period.Holds("m.at", "m.pool_id")}
            """, period);

        private static async Task<IReadOnlyList<PayoutView>> PayoutsAsync(NpgsqlConnection db, Period period) => (await db.QueryAsync<PayoutView>(
            $"""
            select p.id, p.amount_cents, p.status, p.automatic, p.arrival_date, p.created,
                   case when p.itemised_at is not null then coalesce(l.net, 0) end as lines_net_cents, coalesce(l.lines, 0) as line_count,
                   case when @PoolId::uuid is not null then l.pool_net end as pool_net_cents
            from payout p
            left join lateral (
              select sum(b.net_cents)::bigint as net, count(*) as lines, (sum(b.net_cents) filter (where c.pool_id = @PoolId))::bigint as pool_net
              from balance_transaction b left join commitment c on c.id = b.commitment_id where b.payout_id = p.id and b.kind <> 'payout') l on true
            where {Period.Holds("p.created", "@PoolId")} and (@PoolId::uuid is null or l.pool_net is not null)
            order by p.created desc, p.id limit 200
            """, period)).AsList();
    }

    private sealed record Sums(
        long RecordedCount, long RecordedCents, long GivenCount, long GivenCents, long ChargedCount, long ChargedCents, long RefundedCount, long RefundedCents,
        long AdjustmentsCents, long FeesCents, long NetCents, long PaidOutCents, long ExactCount, long ExactCents, long ExactRefundCount, long ExactRefundCents,
        long WaitingCount, long WaitingCents, long DifferenceCents)
    {
        public CardReconciliationView ToView(
            DateTime? fetchedAt, bool isStale, long exceptionCount, IReadOnlyList<CardExceptionView> exceptions, IReadOnlyList<PayoutView> payouts) => new(
            fetchedAt, isStale, new(RecordedCount, RecordedCents), new(GivenCount, GivenCents), new(ChargedCount, ChargedCents), new(RefundedCount, RefundedCents),
            AdjustmentsCents, FeesCents, NetCents, PaidOutCents, NetCents - PaidOutCents, new(ExactCount, ExactCents), new(ExactRefundCount, ExactRefundCents),
            new(WaitingCount, WaitingCents), exceptionCount, exceptions, payouts, DifferenceCents);
    }
}
