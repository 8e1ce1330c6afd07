using System.Data;
using Dapper;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Subsidies.Reconciliation;

/// <summary>Finance staff see what was ordered beside what the bank paid, and what is left to explain, to the cent.</summary>
public sealed class ReadReconciliation : IEndpoint
{
    /// <summary>The most exceptions and missing transfers that are told here; the exceptions' own list pages through all.</summary>
    private const int Most = 200;

    /// <inheritdoc />
    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/subsidies/reconciliation", ReadAsync)
        .RequireRole(Roles.Finance).Produces<Reconciliation>().WithTags("Reconciliation").WithSummary("What was ordered beside what the bank paid");

    /// <summary>So many transfers and what they come to.</summary>
    public sealed record Sum(long Count, long Cents);

    /// <summary>A transfer of which the bank said nothing.</summary>
    public sealed record MissingTransfer(Guid TransferId, string EndToEndId, string ProviderName, long AmountCents, DateOnly ExecutionDate, Guid ExceptionId);

    /// <summary>The reconciliation. Counts are transfers, amounts cents.</summary>
    /// <param name="Ordered">All of approved runs; the sum of the five that follow, apart from what was reopened of settled ones.</param>
    /// <param name="Exact">The bank paid just what was ordered, and it stayed paid.</param>
    /// <param name="Settled">Closed by a person; the cents are what the ledger holds as paid by them.</param>
    /// <param name="Rejected">Sent back by the bank; the aid is due again.</param>
    /// <param name="Awaited">Still with the bank.</param>
    /// <param name="Exceptions">The open ones, at most 200: those of programmes before those of none, oldest first.</param>
    /// <param name="ExceptionCount">How many there are.</param>
    /// <param name="Missing">Of the open ones, the transfers that are missing, at most 200.</param>
    /// <param name="MissingCount">How many there are.</param>
    /// <param name="OpenCents">Ordered less exact.</param>
    /// <param name="DifferenceCents">What the bank's movements of the exact transfers add up to, less what the ledger says was paid by them: two sources, 0 when all is right.</param>
    public sealed record Reconciliation(
        Sum Ordered, Sum Exact, Sum Settled, Sum Rejected, Sum Awaited, IReadOnlyList<ExceptionView> Exceptions, long ExceptionCount, IReadOnlyList<MissingTransfer> Missing, long MissingCount,
        long OpenCents, long DifferenceCents);

    private static async Task<Answer> ReadAsync([AsParameters] ReconciliationRequest request, NpgsqlDataSource source, CancellationToken ct)
    {
        var (period, problem) = request.Read();
        if (problem is not null)
        {
            return problem;
        }

        // One instant for all of it, whatever is imported meanwhile.
        await using var db = await source.OpenConnectionAsync(ct);
        await using var snapshot = await db.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var of = new { request.ProgrammeId, period.From, period.To, Most };

        // Right after a large import the tables' statistics are those of before: nested loops would be chosen that never end.
        await db.ExecuteAsync("set local enable_nestloop = off");
        var sums = await db.QuerySingleAsync<Sums>(SumsSql, of);
        var (bank, ledger) = await db.QuerySingleAsync<(long Bank, long Ledger)>(DifferenceSql, of);
        await db.ExecuteAsync("set local enable_nestloop = on");
        var (exceptions, missing) = await db.QuerySingleAsync<(long Exceptions, long Missing)>($"select count(*), count(*) filter (where e.kind = 'missing') {OpenSql}", of);
        var open = (await db.QueryAsync<ExceptionView>($"{ExceptionView.Select} where e.id in (select e.id {OpenSql} order by {OwnFirst} limit @Most) order by {OwnFirst}", of)).AsList();
        var lost = (await db.QueryAsync<MissingTransfer>(
            $"""
            select x.id as transfer_id, x.end_to_end_id, x.provider_name, x.amount_cents, r.execution_date, e.id as exception_id
            from reconciliation_exception e join payment_run r on r.id = e.run_id join payment_transfer x on x.id = e.transfer_id
            where e.id in (select e.id {OpenSql} and e.kind = 'missing' order by e.id limit @Most) order by e.id
            """, of)).AsList();
        return Answer.Ok(new Reconciliation(
            new Sum(sums.Ordered, sums.OrderedCents), new Sum(sums.Exact, sums.ExactCents), new Sum(sums.Settled, sums.SettledCents), new Sum(sums.Rejected, sums.RejectedCents),
            new Sum(sums.Awaited, sums.AwaitedCents), open, exceptions, lost, missing, sums.OrderedCents - sums.ExactCents, bank - ledger));
    }

    private sealed record Sums(
        long Ordered, long OrderedCents, long Exact, long ExactCents, long Settled, long SettledCents, long Rejected, long RejectedCents, long Awaited, long AwaitedCents);

    private const string InScope =
        """
        r.status = 'approved' and (@ProgrammeId::uuid is null or r.programme_id = @ProgrammeId)
        and (@From::date is null or r.execution_date >= @From) and (@To::date is null or r.execution_date < @To)
        """;

    /// <summary>A file of another account may hold thousands of unknown movements: they come last.</summary>
    private const string OwnFirst = "e.programme_id is null, e.id";

    private const string IsExact = "t.status = 'paid' and t.exact_movement_id is not null";

    private const string IsSettled = "(t.status = 'settled' or t.status = 'paid' and t.exact_movement_id is null)";

    private const string SumsSql =
        $"""
        with t as (select t.* from payment_run r join payment_transfer t on t.run_id = r.id where {InScope})
        select count(*) as ordered, coalesce(sum(amount_cents), 0)::bigint as ordered_cents,
          count(*) filter (where {IsExact}) as exact, coalesce(sum(amount_cents) filter (where {IsExact}), 0)::bigint as exact_cents,
          count(*) filter (where {IsSettled}) as settled,
          (select coalesce(sum(g.paid_cents), 0) from t join transfer_grant g on g.transfer_id = t.id where {IsSettled})::bigint as settled_cents,
          count(*) filter (where t.status = 'rejected') as rejected, coalesce(sum(amount_cents) filter (where t.status = 'rejected'), 0)::bigint as rejected_cents,
          count(*) filter (where t.status = 'ordered') as awaited, coalesce(sum(amount_cents) filter (where t.status = 'ordered'), 0)::bigint as awaited_cents
        from t
        """;

    /// <summary>A movement of a whole run counts by its transfers' parts, and by whatever of it is no transfer's part.</summary>
    private const string DifferenceSql =
        $"""
        with t as (select t.id, t.batch_cents, t.exact_movement_id from payment_run r join payment_transfer t on t.run_id = r.id where {InScope} and {IsExact}),
        single as (select sum(m.amount_cents) as cents from t join bank_movement m on m.transfer_id = t.id where m.outcome in ('exact', 'partial')),
        batch as (select sum(batch_cents) as cents from t),
        unshared as (
          select sum(m.amount_cents - (select coalesce(sum(u.batch_cents), 0) from payment_transfer u where u.exact_movement_id = m.id and u.batch_cents > 0)) as cents
          from bank_movement m join payment_run r on r.id = m.run_id where {InScope} and m.transfer_id is null and m.outcome = 'exact'),
        mine as materialized (
          select distinct g.grant_id, m.statement_id from t join bank_movement m on m.id = t.exact_movement_id join transfer_grant g on g.transfer_id = t.id),
        paid as materialized (
          select reference, document, sum(amount_cents) as cents from ledger_entry
          where debit_account = 'paid' and credit_account = 'ordered' and document in (select statement_id from mine) group by reference, document),
        ledger as (select sum(p.cents) as cents from mine join paid p on p.reference = mine.grant_id and p.document = mine.statement_id)
        select (coalesce(single.cents, 0) + coalesce(batch.cents, 0) + coalesce(unshared.cents, 0))::bigint, coalesce(ledger.cents, 0)::bigint from single, batch, unshared, ledger
        """;

    /// <summary>Open exceptions: by their run's execution date; without a run, by the day of the movement, in every programme.</summary>
    private const string OpenSql =
        """
        from reconciliation_exception e left join payment_run r on r.id = e.run_id left join bank_movement m on m.id = e.movement_id
        where e.status = 'open' and (@ProgrammeId::uuid is null or e.programme_id = @ProgrammeId or e.programme_id is null)
          and (@From::date is null or coalesce(r.execution_date, m.booking_date) >= @From) and (@To::date is null or coalesce(r.execution_date, m.booking_date) < @To)
        """;
}
