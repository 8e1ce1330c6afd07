using Dapper;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>Fetches the statement and judges it, in one instance at a time.</summary>
public sealed class StatementRefresh(NpgsqlDataSource source, FetchStatement statement, FetchPayouts payouts, JudgeStatement judge, TimeProvider clock)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(1);

    /// <summary>The longest that a request waits for a refresh.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(20);

    /// <summary>Brings everything up to date unless that was done within <paramref name="notOlderThan"/>.</summary>
    /// <param name="patience">How long to wait while another instance is at it.</param>
    /// <returns>False when the payment provider did not answer, or another instance is still at it.</returns>
    public async Task<bool> RunAsync(TimeSpan notOlderThan, TimeSpan patience, CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        for (var since = TimeProvider.System.GetTimestamp(); !await db.ExecuteScalarAsync<bool>("select pg_try_advisory_lock(hashtext('card-statement'))");)
        {
            if (TimeProvider.System.GetElapsedTime(since) >= patience)
            {
                return false;
            }

            await Task.Delay(50, ct);
        }

        try
        {
            var now = clock.GetUtcNow().UtcDateTime;
            if (await FetchedAtAsync(db) is { } fetched && fetched > now - notOlderThan)
            {
                return true;
            }

            if (!await statement.RunAsync(db, ct) || !await payouts.RunAsync(db, now, ct))
            {
                await db.ExecuteAsync("update statement_cursor set failed_at = @now", new { now });
                return false;
            }

            await judge.RunAsync(db, ct);
            await db.ExecuteAsync("update statement_cursor set fetched_at = greatest(fetched_at, @now), failed_at = null", new { now });
            return true;
        }
        finally
        {
            await db.ExecuteAsync("select pg_advisory_unlock(hashtext('card-statement'))");
        }
    }

    /// <summary>For somebody who reads: brings up to date what is older than a minute, but asks a provider that failed only once a minute.</summary>
    public async Task<bool> ForReaderAsync(NpgsqlConnection db, CancellationToken ct) =>
        await db.ExecuteScalarAsync<DateTime?>("select failed_at from statement_cursor") is { } failed && failed > clock.GetUtcNow().UtcDateTime - Fresh
            ? false
            : await TryAsync(Fresh, ct);

    /// <summary>As <see cref="RunAsync"/> for somebody who waits: no longer than <see cref="LongestWait"/>.</summary>
    public async Task<bool> TryAsync(TimeSpan notOlderThan, CancellationToken ct)
    {
        using var impatience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        impatience.CancelAfter(LongestWait);
        try
        {
            return await RunAsync(notOlderThan, LongestWait, impatience.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return false;
        }
    }

    /// <summary>When the statement was last brought up to date (UTC); null when never.</summary>
    public static Task<DateTime?> FetchedAtAsync(NpgsqlConnection db) => db.ExecuteScalarAsync<DateTime?>("select fetched_at from statement_cursor");
}
