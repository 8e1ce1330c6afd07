using Dapper;
using Marketplace.Platform.Storage;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// Moves the money of closed pools in the order of their closings (DOMAIN §2: pools that fall due together close in the
/// order of closesAt), whatever the order in which the facts came: a closing waits until the ones before it are settled
/// and until everything about itself is known. Whatever is still missing asks again when it comes.
/// </summary>
public sealed class SettleClosings(Session session, GrantPool grant, ReleaseAid release, RecomputeReservations recompute)
{
    /// <summary>Settles every closing that can be settled now. The caller holds <see cref="MoneyLock"/>.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        while (await db.QueryFirstOrDefaultAsync<Closing>(Next) is { } closing)
        {
            if (closing.Status == "confirmed")
            {
                await grant.RunAsync(closing.Id, closing.ConfirmedAt!.Value, ct);
                continue;
            }

            await db.ExecuteAsync("update pool set status = 'ended' where id = @Id", closing);
            var commitments = await LoadAid.CommitmentsAsync(db, "pool_id = @Id and status = 'reserved'", closing);
            if (commitments.Count > 0)
            {
                await release.RunAsync(commitments, ct);
                await recompute.RunAsync(ct);
            }
        }
    }

    private sealed record Closing(Guid Id, string Status, DateTime? ConfirmedAt);

    /// <summary>
    /// A closing with no number (a cancellation) has no turn to wait for. A confirmed one needs all its allocations, and
    /// each one's placement or end.
    /// </summary>
    private const string Next =
        """
        select p.id, p.status, p.confirmed_at from pool p
        where p.status in ('confirmed', 'failed')
          and (p.closing_number is null or p.closing_number = (select coalesce(max(closing_number), 0) + 1 from pool where status in ('granted', 'ended')))
          and (p.status = 'failed' or (
            p.allocation_count = (select count(*) from allocation a where a.pool_id = p.id)
            and not exists (
              select from allocation a where a.pool_id = p.id
                and not exists (select from commitment c where c.id = a.commitment_id)
                and not exists (select from ended_commitment e where e.id = a.commitment_id))))
        order by p.closing_number nulls first limit 1
        """;
}
