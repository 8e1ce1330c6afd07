using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>A movement that is not matched yet.</summary>
public sealed record NewMovement(Guid Id, long AmountCents, string? EndToEndId, string? Iban, bool IsReturn, string? PaymentInformationId);

/// <summary>Reads the transfers that movements may belong to. The caller holds the money lock.</summary>
public static class LoadTransfers
{
    /// <summary>Those of the movements' end-to-end ids, and for the others those of the same account and amount.</summary>
    public static async Task<KnownTransfers> ForAsync(NpgsqlConnection db, IReadOnlyList<NewMovement> movements)
    {
        var credits = movements.Any(m => m.AmountCents < 0);
        var named = (await db.QueryAsync<Transfer>(
            $"select {Columns} from payment_transfer t join payment_run r on r.id = t.run_id where t.end_to_end_id = any(@names)",
            new { names = movements.Select(m => m.EndToEndId).OfType<string>().Distinct().ToArray(), credits })).AsList();
        var names = named.Select(t => t.EndToEndId).ToHashSet();
        var others = movements.Where(m => m.Iban is not null && (m.EndToEndId is null || !names.Contains(m.EndToEndId))).ToList();
        if (others.Count == 0)
        {
            return new KnownTransfers(named);
        }

        var alike = await db.QueryAsync<Transfer>(
            $"""
            with key as (select iban, cents, count(*) as n from unnest(@ibans, @cents) as k (iban, cents) group by iban, cents)
            select c.* from key k cross join lateral (
              select {Columns} from payment_transfer t join payment_run r on r.id = t.run_id
              where k.cents > 0 and t.status = 'ordered' and t.iban = k.iban and t.amount_cents - t.debited_cents = k.cents
              order by r.execution_date, t.end_to_end_id limit k.n + @spare) c
            union all
            select c.* from key k cross join lateral (
              select {Columns} from payment_transfer t join payment_run r on r.id = t.run_id
              where k.cents < 0 and t.debited_cents > t.returned_cents and t.iban = k.iban and t.debited_cents - t.returned_cents = -k.cents
              order by r.execution_date desc, t.end_to_end_id desc limit k.n + @spare) c
            """,
            new { ibans = others.Select(m => m.Iban).ToArray(), cents = others.Select(m => m.AmountCents).ToArray(), spare = named.Count, credits });
        return new KnownTransfers(named.Concat(alike));
    }

    /// <summary>One transfer; null when there is none.</summary>
    public static Task<Transfer?> OneAsync(NpgsqlConnection db, Guid id) => db.QuerySingleOrDefaultAsync<Transfer>(
        $"select {Columns} from payment_transfer t join payment_run r on r.id = t.run_id where t.id = @id", new { id, credits = true });

    /// <summary>The approved run of a number; null when there is none.</summary>
    public static Task<BatchRun?> RunAsync(NpgsqlConnection db, string number) => db.QuerySingleOrDefaultAsync<BatchRun>(
        """
        select r.id, r.programme_id, sum(greatest(0, case t.status when 'ordered' then t.amount_cents - t.debited_cents when 'rejected' then t.returned_cents - t.debited_cents else 0 end))::bigint as outstanding_cents,
          (case sum(t.debited_cents) when 0 then sum(t.amount_cents) filter (where t.status = 'ordered') else sum(greatest(0, t.debited_cents - t.returned_cents)) end)::bigint as returnable_cents,
          not exists (
            select from payment_transfer u where u.run_id = r.id and u.debited_cents > u.returned_cents and (u.status not in ('ordered', 'paid') or exists (
              select from transfer_grant tg join aid_grant g on g.id = tg.grant_id where tg.transfer_id = u.id and tg.paid_cents > g.paid_cents - g.recovered_cents))) as can_reopen
        from payment_run r join payment_transfer t on t.run_id = r.id where r.number = @number and r.status = 'approved' group by r.id, r.programme_id
        """, new { number });

    private const string Columns =
        """
        t.id, t.run_id, r.programme_id, t.status, r.execution_date, t.end_to_end_id, t.iban, t.amount_cents, t.debited_cents, t.returned_cents,
        not @credits or not exists (select from transfer_grant tg join aid_grant g on g.id = tg.grant_id where tg.transfer_id = t.id and tg.paid_cents > g.paid_cents - g.recovered_cents) as can_reopen
        """;
}
