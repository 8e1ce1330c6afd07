using Dapper;
using Marketplace.PooledOrders.Payments;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>Reads the payouts, again as long as they may change, and what each automatic one is made of.</summary>
public sealed class FetchPayouts(StripeClient stripe, StoreLines store)
{
    private const int PayoutsPerRun = 100;

    /// <summary>Brings payouts and their items up to date. The caller holds the statement's lock.</summary>
    /// <returns>False when the provider did not answer.</returns>
    public async Task<bool> RunAsync(NpgsqlConnection db, DateTime now, CancellationToken ct) =>
        await ListAsync(db, ct) && await ItemiseAllAsync(db, now, ct);

    private async Task<bool> ListAsync(NpgsqlConnection db, CancellationToken ct)
    {
        // A bank may send a payout back days after it arrived; one that is under way may be older than that.
        var from = await db.ExecuteScalarAsync<DateTime?>(
            "select least(max(created) - interval '10 days', min(created) filter (where status not in ('paid', 'failed', 'canceled'))) from payout");
        for (string? after = null; ;)
        {
            var page = await stripe.ListPayoutsAsync(from is { } since ? new DateTimeOffset(since) : null, after, FetchStatement.PageSize, ct);
            if (!page.IsSuccess)
            {
                return false;
            }

            await WriteAsync(db, page.Value.Data);
            if (!page.Value.HasMore || page.Value.Data.Count == 0)
            {
                return true;
            }

            after = page.Value.Data[^1].Id;
        }
    }

    private async Task<bool> ItemiseAllAsync(NpgsqlConnection db, DateTime now, CancellationToken ct)
    {
        var ready = await db.QueryAsync<string>(
            "select id from payout where automatic and reconciliation_status = 'completed' and itemised_at is null order by created limit @PayoutsPerRun", new { PayoutsPerRun });
        foreach (var payout in ready.AsList())
        {
            for (string? after = null; ;)
            {
                var page = await stripe.ListPayoutTransactionsAsync(payout, after, FetchStatement.PageSize, ct);
                if (!page.IsSuccess)
                {
                    return false;
                }

                await using var transaction = await db.BeginTransactionAsync(ct);
                await store.WriteAsync(db, page.Value.Data, payout);
                var isLast = !page.Value.HasMore || page.Value.Data.Count == 0;
                if (isLast)
                {
                    await db.ExecuteAsync("update payout set itemised_at = @now where id = @payout", new { now, payout });
                }

                await transaction.CommitAsync(ct);
                if (isLast)
                {
                    break;
                }

                after = page.Value.Data[^1].Id;
            }
        }

        return true;
    }

    private static Task WriteAsync(NpgsqlConnection db, List<StripePayout> payouts) => db.ExecuteAsync(
        """
        insert into payout (id, amount_cents, currency, status, automatic, reconciliation_status, created, arrival_date)
        select * from unnest(@ids, @amounts, @currencies, @statuses, @automatic, @reconciliation, @created, @arrival)
        on conflict (id) do update set status = excluded.status, reconciliation_status = excluded.reconciliation_status, arrival_date = excluded.arrival_date
        """,
        new
        {
            ids = payouts.Select(p => p.Id).ToArray(),
            amounts = payouts.Select(p => p.Amount).ToArray(),
            currencies = payouts.Select(p => p.Currency).ToArray(),
            statuses = payouts.Select(p => p.Status).ToArray(),
            automatic = payouts.Select(p => p.Automatic).ToArray(),
            reconciliation = payouts.Select(p => p.ReconciliationStatus).ToArray(),
            created = payouts.Select(p => FetchStatement.Instant(p.Created)).ToArray(),
            arrival = payouts.Select(p => DateOnly.FromDateTime(FetchStatement.Instant(p.ArrivalDate))).ToArray(),
        });
}
