using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.Accreditation.Register;

/// <summary>
/// Ends every accreditation, active or suspended, whose validity has passed (DOMAIN §4), however long ago. Batches are
/// bounded; rows that another instance is ending are left to it.
/// </summary>
public sealed class ExpireAccreditations(Session session, FactLog facts, OutboxSignal outbox, TimeProvider clock) : IDueWork
{
    private const int BatchSize = 200;

    public async Task RunAsync(CancellationToken ct)
    {
        while (await ExpireBatchAsync(ct) == BatchSize)
        {
        }
    }

    private async Task<int> ExpireBatchAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await session.BeginAsync(ct);
        var db = await session.OpenAsync(ct);
        var due = (await db.QueryAsync<Guid>(
            """
            select id from accreditation where status in ('active', 'suspended') and valid_until <= @now
            order by valid_until limit @BatchSize for update skip locked
            """, new { now, BatchSize })).ToArray();
        if (due.Length > 0)
        {
            var expired = await AccreditationView.ChangeAsync(db, due, Standing.Expired, null);
            await facts.AppendAsync([.. expired.Select(a => facts.New(a.Id, a.Version, a.ToFact(null, now)))], ct);
        }

        await session.CommitAsync(ct);
        if (due.Length > 0)
        {
            outbox.Wake();
        }

        return due.Length;
    }
}
