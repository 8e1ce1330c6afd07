using Dapper;
using Marketplace.PooledOrders.Payments;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>
/// Reads the payment provider's statement into <c>balance_transaction</c>, newest first, page by page: each page is
/// stored with where the pass stands, so that one that died goes on, and a line that comes again changes nothing. The
/// cursor is in the provider's time; an hour is read again, for lines that became visible late.
/// </summary>
public sealed class FetchStatement(StripeClient stripe, StoreLines store)
{
    /// <summary>Lines asked for in one call, the most that the provider gives.</summary>
    public const int PageSize = 100;

    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    /// <summary>Brings the statement up to date. The caller holds the statement's lock.</summary>
    /// <returns>False when the provider did not answer; the next try goes on from there.</returns>
    public async Task<bool> RunAsync(NpgsqlConnection db, CancellationToken ct)
    {
        while (true)
        {
            var at = await db.QuerySingleAsync<Cursor>("select complete_until, pass_after, pass_newest from statement_cursor");
            var from = at.CompleteUntil is { } until ? new DateTimeOffset(until - Overlap) : DateTimeOffset.UnixEpoch;
            var page = await stripe.ListBalanceTransactionsAsync(from, at.PassAfter, PageSize, ct);
            if (page is { IsSuccess: false, Outcome: not StripeOutcome.Unknown } && at.PassAfter is not null)
            {
                // The line that the pass stood at is no more: it begins again.
                await db.ExecuteAsync("update statement_cursor set pass_after = null, pass_newest = null");
            }

            if (!page.IsSuccess)
            {
                return false;
            }

            await using var transaction = await db.BeginTransactionAsync(ct);
            await store.WriteAsync(db, page.Value.Data, null);
            var newest = page.Value.Data.Select(l => (DateTime?)Instant(l.Created)).Append(at.PassNewest).Max();
            var isLast = !page.Value.HasMore || page.Value.Data.Count == 0;
            await db.ExecuteAsync(
                isLast
                    ? "update statement_cursor set complete_until = greatest(complete_until, @newest), pass_after = null, pass_newest = null"
                    : "update statement_cursor set pass_after = @last, pass_newest = @newest",
                new { newest, last = page.Value.Data.LastOrDefault()?.Id });
            await transaction.CommitAsync(ct);
            if (isLast)
            {
                return true;
            }
        }
    }

    /// <summary>The provider's seconds as an instant (UTC).</summary>
    public static DateTime Instant(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;

    private sealed record Cursor(DateTime? CompleteUntil, string? PassAfter, DateTime? PassNewest);
}
