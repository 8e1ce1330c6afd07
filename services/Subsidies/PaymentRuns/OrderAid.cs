using Dapper;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Grants;
using Marketplace.Subsidies.Ledger;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>
/// Moves the aid of a whole run, and back. A run may hold a hundred thousand grants: they are read with a cursor, so that
/// one batch at a time is in memory. The caller holds <see cref="MoneyLock"/>.
/// </summary>
public sealed class OrderAid(Session session, MoveAid move)
{
    /// <summary>
    /// For statements that join rows written a moment ago: the statistics know nothing of them yet, and a plan made for
    /// a handful of rows takes minutes for a hundred thousand. Each is planned when it is declared or run.
    /// </summary>
    public const string AsOfMany = "set local enable_nestloop = off";

    /// <summary>Ends <see cref="AsOfMany"/>.</summary>
    public const string AsUsual = "set local enable_nestloop = on";

    /// <summary>In seconds, for statements that touch every grant of a run.</summary>
    public const int Patience = 600;

    private const string Ordered = "ordered";
    private const int BatchSize = 10_000;

    /// <summary>What was assigned to the run's transfers becomes ordered (mandaté).</summary>
    public Task RunAsync(Guid runId, Guid programmeId, CancellationToken ct) => MoveAsync(
        """
        select g.grant_id, @programmeId::uuid as programme_id, g.amount_cents, null::bigint as reverses
        from transfer_grant g join payment_transfer t on t.id = g.transfer_id where t.run_id = @runId order by g.grant_id
        """,
        new { runId, programmeId },
        new Step(Accounts.ServiceDone, Accounts.Ordered, GrantStatus.Ordered, Ordered, runId), ct);

    /// <summary>What the run ordered is due again, as it was before; every entry is reversed by one of its own.</summary>
    public async Task ReverseAsync(Guid runId, Guid programmeId, string reason, CancellationToken ct)
    {
        foreach (var before in new[] { GrantStatus.ServiceDone, GrantStatus.Rejected })
        {
            await MoveAsync(
                """
                select g.grant_id, @programmeId::uuid as programme_id, g.amount_cents, e.sequence as reverses
                from ledger_entry e join transfer_grant g on g.grant_id = e.reference join payment_transfer t on t.id = g.transfer_id and t.run_id = e.document
                where e.document = @runId and e.reason = @Ordered and g.status_before = @before order by e.sequence
                """,
                new { runId, programmeId, Ordered, before },
                new Step(Accounts.Ordered, Accounts.ServiceDone, before, "order-cancelled", runId, reason), ct);
        }
    }

    private async Task MoveAsync(string query, object parameters, Step step, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        await db.ExecuteAsync($"{AsOfMany}; declare aid_of_run no scroll cursor for {query}; {AsUsual}", parameters);
        while (true)
        {
            var batch = (await db.QueryAsync<GrantMove>($"fetch {BatchSize} from aid_of_run", commandTimeout: Patience)).AsList();
            if (batch.Count == 0)
            {
                break;
            }

            await move.RunAsync(batch, step, ct);
        }

        await db.ExecuteAsync("close aid_of_run");
    }
}
