using System.Data;
using System.Net;
using Dapper;
using Marketplace.Subsidies.Tests;
using Npgsql;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>
/// What holds in the books at every instant, asked of the tables themselves: each query finds what contradicts its name.
/// None of them uses code of the service.
/// </summary>
public static class Books
{
    private static readonly (string Rule, string Contradicted)[] Rules =
    [
        ("paid ≤ ordered ≤ service-done ≤ committed ≤ granted",
            """
            select id from aid_grant
            where not (0 <= recovered_cents and recovered_cents <= paid_cents and paid_cents <= ordered_cents and ordered_cents <= service_done_cents and service_done_cents <= committed_cents
              and committed_cents <= granted_cents) or reserved_cents < 0 or (reserved_cents > 0 and granted_cents > 0)
            """),
        ("an envelope is the sum of its grants and never overspent",
            """
            select p.id from programme p left join aid_grant g on g.programme_id = p.id group by p.id
            having p.reserved_cents <> coalesce(sum(g.reserved_cents), 0) or p.granted_cents <> coalesce(sum(g.granted_cents - g.paid_cents), 0)
              or p.paid_cents <> coalesce(sum(g.paid_cents - g.recovered_cents), 0) or p.recovered_cents <> coalesce(sum(g.recovered_cents), 0)
              or p.reserved_cents + p.granted_cents + p.paid_cents + p.recovered_cents > p.budget_cents
            """),
        ("the ledger replayed from the start equals the stored balances", $"{Replayed} select * from (select programme_id, account, sum(cents)::bigint as cents from line group by 1, 2) r full join ledger_balance b using (programme_id, account) where coalesce(r.cents, 0) <> coalesce(b.balance_cents, 0)"),
        ("no account but the vote is ever below zero, after any entry",
            $"{Replayed} select * from (select sequence, account, sum(cents) over (partition by programme_id, account order by sequence) as held from line) r where account <> 'voted' and held < 0"),
        ("what the ledger moved for a grant is what the grant holds",
            $"""
            {Replayed}, held as (
              select g.id, s.account, s.cents from aid_grant g cross join lateral (values
                ('reserved', g.reserved_cents), ('granted', g.granted_cents - g.committed_cents), ('committed', g.committed_cents - g.service_done_cents), ('service-done', g.service_done_cents - g.ordered_cents),
                ('ordered', g.ordered_cents - g.paid_cents), ('paid', g.paid_cents - g.recovered_cents), ('recovered', g.recovered_cents)) s (account, cents))
            select * from held full join (select reference as id, account, sum(cents) as moved from line where account not in ('voted', 'available') group by 1, 2) l using (id, account)
            where coalesce(cents, 0) <> coalesce(moved, 0)
            """),
        ("every entry is balanced", "select sequence from ledger_entry where amount_cents <= 0 or debit_account = credit_account"),
        ("entries are numbered without gaps up to the head", "select count(*) from ledger_entry having count(*) <> coalesce(max(sequence), 0) or count(*) <> (select sequence from ledger_head)"),
        ("a reversal mirrors its entry",
            """
            select r.sequence from ledger_entry r join ledger_entry e on e.sequence = r.reverses
            where (r.programme_id, r.debit_account, r.credit_account, r.amount_cents, r.reference) is distinct from (e.programme_id, e.credit_account, e.debit_account, e.amount_cents, e.reference)
            """),
        ("no grant is in two active transfers", "select grant_id from transfer_grant where active group by grant_id having count(*) > 1"),
        ("a grant's part is active while its transfer is prepared or ordered", "select t.id from payment_transfer t join transfer_grant g on g.transfer_id = t.id where g.active <> (t.status in ('prepared', 'ordered'))"),
        ("what is ordered and not paid is in an active transfer; what is paid was paid by transfers",
            """
            select g.id from aid_grant g left join transfer_grant t on t.grant_id = g.id group by g.id
            having g.ordered_cents - g.paid_cents <> coalesce(sum(t.amount_cents) filter (where t.active), 0) or g.paid_cents <> coalesce(sum(t.paid_cents), 0)
            """),
        ("a run is the sum of its transfers, a transfer of its grants",
            """
            select r.id from payment_run r join payment_transfer t on t.run_id = r.id group by r.id having r.total_cents <> sum(t.amount_cents) or r.transfer_count <> count(*)
            union all
            select t.id from payment_transfer t join transfer_grant g on g.transfer_id = t.id group by t.id having t.amount_cents <> sum(g.amount_cents) or t.grant_count <> count(*)
            """),
        ("a paid transfer paid all of its aid, one that is not paid or settled nothing",
            """
            select t.id from payment_transfer t join transfer_grant g on g.transfer_id = t.id group by t.id
            having sum(g.paid_cents) <> t.amount_cents and t.status = 'paid' or sum(g.paid_cents) > 0 and t.status not in ('paid', 'settled')
            """),
        ("a transfer is prepared, ordered or cancelled as its run is",
            "select t.id from payment_transfer t join payment_run r on r.id = t.run_id where (r.status = 'prepared') <> (t.status = 'prepared') or (r.status = 'cancelled') <> (t.status = 'cancelled')"),
        ("no aid that is due is out of reach of the next run", "select id from aid_grant where service_done_cents > ordered_cents and status not in ('service-done', 'rejected')"),
        ("a grant's state says what it holds",
            """
            select id from aid_grant where not case status
              when 'reserved' then granted_cents = 0
              when 'granted' then committed_cents = 0
              when 'committed' then committed_cents = granted_cents and service_done_cents = 0
              when 'service-done' then service_done_cents > ordered_cents
              when 'rejected' then service_done_cents > ordered_cents
              when 'ordered' then ordered_cents > paid_cents
              when 'paid' then paid_cents > recovered_cents and paid_cents = service_done_cents
              when 'recovered' then recovered_cents > 0 and recovered_cents = service_done_cents
              else reserved_cents + granted_cents = 0 end
            """),
        ("what was recovered was claimed", "select g.id from aid_grant g left join recovery r on r.grant_id = g.id group by g.id having g.recovered_cents <> coalesce(sum(r.recovered_cents), 0)"),
        ("runs, acts and claims are numbered without gaps",
            """
            select 'runs' from payment_run_counter c where c.last <> (select count(*) from payment_run where number like 'PR-' || c.year || '-%')
            union all select 'acts' from act_counter c where c.last <> (select count(*) from aid_grant where act_number like '%-' || c.year || '-%')
            union all select 'claims' from recovery_counter c where c.last <> (select count(*) from recovery where number like 'TR-' || c.year || '-%')
            """),
        ("every movement has an outcome, and an exception unless it is exact",
            """
            select m.id from bank_movement m left join reconciliation_exception e on e.movement_id = m.id where (m.outcome = 'exact') <> (e.id is null)
            union all select s.id from bank_statement s left join bank_movement m on m.statement_id = s.id group by s.id
              having s.imported <> count(m.id) or s.exact <> count(m.id) filter (where m.outcome = 'exact') or s.exceptions <> count(m.id) filter (where m.outcome <> 'exact')
            """),
        ("the service of a commitment is done once", "select stream_id from fact where type = 'subsidies.service-done-certified.v1' group by stream_id having count(*) > 1"),
        ("no version of anything is told twice", "select stream_id, version from fact group by stream_id, version having count(*) > 1"),
        ("every public fact waits for the bus once, and nothing else",
            """
            select id from fact f full join outbox o on o.fact_id = f.id
            where (o.fact_id is null) = coalesce(f.type = any(array['subsidies.programme-opened.v1', 'subsidies.aid-reserved.v1', 'subsidies.aid-granted.v1', 'subsidies.aid-released.v1', 'subsidies.service-done-certified.v1']), true)
            """),
    ];

    private const string Replayed =
        """
        with line as (
          select sequence, programme_id, reference, debit_account as account, amount_cents as cents from ledger_entry
          union all select sequence, programme_id, reference, credit_account, -amount_cents from ledger_entry)
        """;

    /// <summary>One state of the database against all rules, then what the service itself says of its ledger and of the bank.</summary>
    public static async Task AssertAsync(CrashingService service)
    {
        await using (var db = new NpgsqlConnection(service.Process.ConnectionString))
        {
            await db.OpenAsync();
            await using var snapshot = await db.BeginTransactionAsync(IsolationLevel.RepeatableRead);
            foreach (var (rule, contradicted) in Rules)
            {
                var found = (await db.QueryAsync(contradicted)).AsList();
                Assert.True(found.Count == 0, $"Not true: {rule}: {string.Join("; ", found.Take(5))}");
            }

            var sums = await db.QuerySingleAsync<(long Envelopes, long Balances, long Grants)>(
                """
                select (select coalesce(sum(reserved_cents + granted_cents + paid_cents + recovered_cents), 0)::bigint from programme),
                  (select coalesce(sum(balance_cents), 0)::bigint from ledger_balance where account not in ('voted', 'available')),
                  (select coalesce(sum(reserved_cents + granted_cents), 0)::bigint from aid_grant)
                """);
            Assert.True(sums.Envelopes == sums.Balances && sums.Balances == sums.Grants, $"The envelopes, the ledger and the grants differ: {sums}");
            var (transfers, grants) = await db.QuerySingleAsync<(long, long)>(
                "select (select coalesce(sum(paid_cents), 0)::bigint from transfer_grant), (select coalesce(sum(paid_cents), 0)::bigint from aid_grant)");
            Assert.Equal(transfers, grants);
        }

        await ServiceDone.AssertVerifiedAsync(service.Process);
        var reconciliation = await service.Process.GetAsync("/api/subsidies/reconciliation", service.Finance);
        Assert.Equal((HttpStatusCode.OK, 0), (reconciliation.Status, reconciliation.Body.Cents("differenceCents")));
    }
}
