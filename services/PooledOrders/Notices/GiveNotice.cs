using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;

namespace Marketplace.PooledOrders.Notices;

/// <summary>
/// Gives notices in the current transaction, that of what they tell of. The occasion is claimed first: whoever comes
/// second, in this instance or another, tells nobody. Where nobody is to be told the occasion has passed all the same.
/// </summary>
public sealed class GiveNotice(Session session, FactLog facts, TimeProvider clock)
{
    /// <summary>Recipients told in one message; 5 000 are about 0.7 MB, far below the bus's 4 MiB.</summary>
    public const int MostRecipients = 5_000;

    /// <summary>Tells the recipients, unless the occasion was told before.</summary>
    public async Task ToAsync(Notice notice, IEnumerable<NoticeRecipient> recipients, CancellationToken ct)
    {
        if (await ClaimAsync(notice, ct))
        {
            await AppendAsync(notice, recipients, ct);
        }
    }

    /// <summary>Tells every organisation with an active commitment in the pool, as they are now, unless the occasion was told before.</summary>
    /// <returns>True when this call gave the notice.</returns>
    public async Task<bool> ToCommittedAsync(Notice notice, CancellationToken ct)
    {
        if (!await ClaimAsync(notice, ct))
        {
            return false;
        }

        var db = await session.OpenAsync(ct);
        var committed = await db.QueryAsync<NoticeRecipient>(
            """
            select organisation_id, id as commitment_id, null::bigint as amount_cents from commitment
            where pool_id = @PoolId and status in ('pending', 'committed') order by joined_at, id
            """, new { notice.PoolId });
        await AppendAsync(notice, committed, ct);
        return true;
    }

    private async Task<bool> ClaimAsync(Notice notice, CancellationToken ct) =>
        await (await session.OpenAsync(ct)).ExecuteAsync(
            "insert into notice (pool_id, kind, occasion, given_at) values (@PoolId, @Kind, @Occasion, @now) on conflict do nothing",
            new { notice.PoolId, notice.Kind, notice.Occasion, now = clock.GetUtcNow().UtcDateTime }) == 1;

    private Task AppendAsync(Notice notice, IEnumerable<NoticeRecipient> recipients, CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        return facts.AppendAsync([.. recipients.Chunk(MostRecipients).Select(New)], ct);

        NewFact New(NoticeRecipient[] part)
        {
            var id = Guid.CreateVersion7(now);
            return facts.New(id, 1, new PoolNoticeGiven(
                id, notice.Kind, notice.PoolId, notice.PoolTitle, part, notice.Until, notice.MissingQuantity, notice.UnitPriceCents, now, 1));
        }
    }
}
