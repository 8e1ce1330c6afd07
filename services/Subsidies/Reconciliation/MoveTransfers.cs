using Dapper;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Ledger;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>
/// Moves the aid behind transfers, page by page: a transfer may carry any number of grants. The caller holds the money
/// lock.
/// </summary>
public sealed class MoveTransfers(NpgsqlConnection db, MoveAid move)
{
    private const int PageSize = 10_000;

    /// <summary>Everything that the transfers hold as ordered is paid.</summary>
    /// <param name="transferIds">The transfers.</param>
    /// <param name="document">The statement, or the exception that a person resolved.</param>
    /// <param name="note">That person's reason.</param>
    /// <param name="ct">Cancellation.</param>
    public Task PayAsync(Guid[] transferIds, Guid document, string? note, CancellationToken ct) => ByPageAsync(
        """
        with page as (select transfer_id, grant_id, amount_cents from transfer_grant where transfer_id = any(@transferIds) and active order by transfer_id, grant_id limit @PageSize),
        paid as (update transfer_grant t set active = false, paid_cents = p.amount_cents from page p where t.transfer_id = p.transfer_id and t.grant_id = p.grant_id)
        select p.grant_id, g.programme_id, p.amount_cents, null::bigint as reverses from page p join aid_grant g on g.id = p.grant_id
        """,
        transferIds, new Step(Accounts.Ordered, Accounts.Paid, GrantStatus.Paid, "paid", document, note), ct);

    /// <summary>Everything that the transfers hold, ordered or paid, is due again.</summary>
    /// <param name="transferIds">The transfers.</param>
    /// <param name="status">What the grants become: rejected by the bank, or due as before.</param>
    /// <param name="reason">Of the ledger entries.</param>
    /// <param name="document">The statement, or the exception that a person resolved.</param>
    /// <param name="note">That person's reason.</param>
    /// <param name="ct">Cancellation.</param>
    public async Task ReopenAsync(Guid[] transferIds, string status, string reason, Guid document, string? note, CancellationToken ct)
    {
        await ByPageAsync(
            """
            with page as (select transfer_id, grant_id, amount_cents from transfer_grant where transfer_id = any(@transferIds) and active order by transfer_id, grant_id limit @PageSize),
            gone as (update transfer_grant t set active = false from page p where t.transfer_id = p.transfer_id and t.grant_id = p.grant_id)
            select p.grant_id, g.programme_id, p.amount_cents, null::bigint as reverses from page p join aid_grant g on g.id = p.grant_id
            """,
            transferIds, new Step(Accounts.Ordered, Accounts.ServiceDone, status, reason, document, note), ct);
        await ByPageAsync(
            """
            with page as (select transfer_id, grant_id, paid_cents from transfer_grant where transfer_id = any(@transferIds) and paid_cents > 0 order by transfer_id, grant_id limit @PageSize),
            gone as (update transfer_grant t set paid_cents = 0 from page p where t.transfer_id = p.transfer_id and t.grant_id = p.grant_id)
            select p.grant_id, g.programme_id, p.paid_cents as amount_cents, null::bigint as reverses from page p join aid_grant g on g.id = p.grant_id
            """,
            transferIds, new Step(Accounts.Paid, Accounts.ServiceDone, status, reason, document, note), ct);
    }

    /// <summary>
    /// Of one transfer an amount is paid, grant by grant in their order, and the rest is due again; at most one grant is
    /// paid in part.
    /// </summary>
    public async Task PayPartAsync(Guid transferId, long cents, Guid document, string? note, CancellationToken ct)
    {
        var holding = (await db.QueryAsync<Holding>(
            """
            select tg.grant_id, g.programme_id, tg.amount_cents, tg.paid_cents, tg.active from transfer_grant tg join aid_grant g on g.id = tg.grant_id
            where tg.transfer_id = @transferId and (tg.active or tg.paid_cents > 0) order by tg.grant_id
            """, new { transferId })).AsList();
        var shares = InOrder(cents, [.. holding.Select(h => h.HeldCents)]);
        var parts = holding.Zip(shares, (Holding, Share) => (Holding, Share)).ToList();
        await db.ExecuteAsync(
            "update transfer_grant t set active = false, paid_cents = s.cents from unnest(@ids, @shares) as s (id, cents) where t.transfer_id = @transferId and t.grant_id = s.id",
            new { transferId, ids = holding.Select(h => h.GrantId).ToArray(), shares });
        await move.RunAsync(Moves(p => p.Holding.Active ? p.Share : 0), new Step(Accounts.Ordered, Accounts.Paid, GrantStatus.Paid, "paid", document, note), ct);
        await move.RunAsync(Moves(p => p.Holding.Active ? p.Holding.HeldCents - p.Share : 0), new Step(Accounts.Ordered, Accounts.ServiceDone, GrantStatus.ServiceDone, "reopened", document, note), ct);
        await move.RunAsync(Moves(p => p.Holding.Active ? 0 : p.Holding.HeldCents - p.Share), new Step(Accounts.Paid, Accounts.ServiceDone, GrantStatus.Rejected, "rejected", document, note), ct);

        IEnumerable<GrantMove> Moves(Func<(Holding Holding, long Share), long> amount) =>
            parts.Select(p => new GrantMove(p.Holding.GrantId, p.Holding.ProgrammeId, amount(p))).Where(m => m.AmountCents > 0);
    }

    /// <summary>An amount dealt out: each in turn gets all it can take, until nothing is left. Pure.</summary>
    public static long[] InOrder(long cents, IReadOnlyList<long> most)
    {
        var shares = new long[most.Count];
        for (var i = 0; i < shares.Length; cents -= shares[i++])
        {
            shares[i] = Math.Min(cents, most[i]);
        }

        return shares;
    }

    private async Task ByPageAsync(string sql, Guid[] transferIds, Step step, CancellationToken ct)
    {
        for (var count = PageSize; count == PageSize;)
        {
            var page = (await db.QueryAsync<GrantMove>(sql, new { transferIds, PageSize })).AsList();
            await move.RunAsync(page.GroupBy(m => m.GrantId).Select(g => g.First() with { AmountCents = g.Sum(m => m.AmountCents) }).OrderBy(m => m.GrantId), step, ct);
            count = page.Count;
        }
    }

    private sealed record Holding(Guid GrantId, Guid ProgrammeId, long AmountCents, long PaidCents, bool Active)
    {
        public long HeldCents => Active ? AmountCents : PaidCents;
    }
}
