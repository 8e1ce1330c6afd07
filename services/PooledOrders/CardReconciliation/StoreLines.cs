using Dapper;
using Marketplace.PooledOrders.Payments;
using Npgsql;

namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>Writes lines of the statement; a line that is known already is only told what is new about it.</summary>
public sealed class StoreLines(CardExceptions exceptions)
{
    /// <summary>Stores lines in the current transaction.</summary>
    /// <param name="lines">As they came. One whose own sum is wrong is not stored but raised as an exception.</param>
    /// <param name="payout">The payout that they are the items of, when that is known.</param>
    public async Task WriteAsync(NpgsqlConnection db, IReadOnlyCollection<StripeBalanceTransaction> lines, string? payout)
    {
        var wrong = lines.Where(l => !StatementLine.AddsUp(l)).ToList();
        await exceptions.RaiseAsync(db, [.. wrong.Select(l => new NewException(CardOutcomes.WrongSum, l.Id, $"line:{l.Id}", null, null, 0, 0, FetchStatement.Instant(l.Created)))]);
        var sound = lines.Except(wrong).DistinctBy(l => l.Id).ToList();
        if (sound.Count == 0)
        {
            return;
        }

        await db.ExecuteAsync(
            """
            insert into balance_transaction as b (id, type, reporting_category, kind, amount_cents, fee_cents, net_cents, currency, status, created, available_on,
              source_id, payment_intent_id, refund_id, commitment_id, payout_id)
            select n.id, n.type, n.category, n.kind, n.amount, n.fee, n.net, n.currency, n.status, n.created, n.available, n.source, n.intent, n.refund, c.id, @payout
            from unnest(@ids, @types, @categories, @kinds, @amounts, @fees, @nets, @currencies, @statuses, @created, @available, @sources, @intents, @refunds, @commitments)
              as n (id, type, category, kind, amount, fee, net, currency, status, created, available, source, intent, refund, claimed)
            left join commitment c on c.id = n.claimed
            on conflict (id) do update set
              status = excluded.status, available_on = excluded.available_on, payout_id = coalesce(excluded.payout_id, b.payout_id),
              amount_cents = excluded.amount_cents, fee_cents = excluded.fee_cents, net_cents = excluded.net_cents,
              judged = b.judged and b.amount_cents = excluded.amount_cents
            where (b.status, b.available_on, b.payout_id, b.amount_cents, b.fee_cents, b.net_cents)
              is distinct from (excluded.status, excluded.available_on, coalesce(excluded.payout_id, b.payout_id), excluded.amount_cents, excluded.fee_cents, excluded.net_cents)
            """,
            new
            {
                payout,
                ids = sound.Select(l => l.Id).ToArray(),
                types = sound.Select(l => l.Type).ToArray(),
                categories = sound.Select(l => l.ReportingCategory ?? l.Type).ToArray(),
                kinds = sound.Select(l => LineKind.Of(l.Type, l.ReportingCategory)).ToArray(),
                amounts = sound.Select(l => l.Amount).ToArray(),
                fees = sound.Select(l => l.Fee).ToArray(),
                nets = sound.Select(l => l.Net).ToArray(),
                currencies = sound.Select(l => l.Currency).ToArray(),
                statuses = sound.Select(l => l.Status).ToArray(),
                created = sound.Select(l => FetchStatement.Instant(l.Created)).ToArray(),
                available = sound.Select(l => FetchStatement.Instant(l.AvailableOn)).ToArray(),
                sources = sound.Select(l => l.Source?.Id).ToArray(),
                intents = sound.Select(l => l.Source?.Value?.PaymentIntent).ToArray(),
                refunds = sound.Select(StatementLine.RefundOf).ToArray(),
                commitments = sound.Select(StatementLine.CommitmentOf).ToArray(),
            });
    }

    /// <summary>Gives lines that named no commitment the one of their payment: disputes do not repeat what the charge says.</summary>
    public static Task FindHomesAsync(NpgsqlConnection db) => db.ExecuteAsync(
        """
        update balance_transaction b set commitment_id = y.commitment_id, judged = false
        from payment y where b.commitment_id is null and b.payment_intent_id = y.payment_intent_id;
        update balance_transaction b set commitment_id = o.commitment_id, judged = false
        from balance_transaction o
        where b.commitment_id is null and o.commitment_id is not null and o.kind = 'charge' and b.payment_intent_id = o.payment_intent_id;
        """);
}
