using Dapper;
using Marketplace.Subsidies.Ledger;
using Npgsql;

namespace Marketplace.Subsidies.Reports;

/// <summary>
/// Amounts by account, in cents. Every euro that was voted is in exactly one of the others but <see cref="ReleasedCents"/>,
/// which counts what came back: voted = available + reserved + granted + committed + service-done + ordered + paid +
/// recovered.
/// </summary>
/// <param name="VotedCents">The budget.</param>
/// <param name="AvailableCents">May still be reserved.</param>
/// <param name="ReservedCents">Held for commitments of open pools.</param>
/// <param name="GrantedCents">Granted, not yet committed.</param>
/// <param name="CommittedCents">Engaged, the service not yet done.</param>
/// <param name="ServiceDoneCents">Due, in no payment run.</param>
/// <param name="OrderedCents">In a payment run, not yet paid.</param>
/// <param name="PaidCents">Paid and not claimed back.</param>
/// <param name="RecoveredCents">Paid and claimed back.</param>
/// <param name="ReleasedCents">Returned to the envelope after it was granted; part of available, or held again since.</param>
public sealed record Figures(
    long VotedCents, long AvailableCents, long ReservedCents, long GrantedCents, long CommittedCents, long ServiceDoneCents, long OrderedCents, long PaidCents, long RecoveredCents, long ReleasedCents)
{
    /// <summary>From debits less credits by account.</summary>
    public static Figures Of(IReadOnlyDictionary<string, long> balances)
    {
        return new(
            -In(Accounts.Voted), In(Accounts.Available), In(Accounts.Reserved), In(Accounts.Granted), In(Accounts.Committed), In(Accounts.ServiceDone), In(Accounts.Ordered),
            In(Accounts.Paid), In(Accounts.Recovered), In(LedgerFigures.Released));

        long In(string account) => balances.GetValueOrDefault(account);
    }

    /// <summary>Both together.</summary>
    public static Figures operator +(Figures a, Figures b) => new(
        a.VotedCents + b.VotedCents, a.AvailableCents + b.AvailableCents, a.ReservedCents + b.ReservedCents, a.GrantedCents + b.GrantedCents, a.CommittedCents + b.CommittedCents,
        a.ServiceDoneCents + b.ServiceDoneCents, a.OrderedCents + b.OrderedCents, a.PaidCents + b.PaidCents, a.RecoveredCents + b.RecoveredCents, a.ReleasedCents + b.ReleasedCents);

    /// <summary>Nothing.</summary>
    public static Figures None { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

/// <summary>What an account of a programme held at the end of a period, and how it moved in it; debits less credits, in cents.</summary>
public sealed record AccountFigure(Guid ProgrammeId, string Account, long EndCents, long MovementCents);

/// <summary>The ledger added up at any day of the past.</summary>
public static class LedgerFigures
{
    /// <summary>No account: entries that return granted money to the envelope are also counted here.</summary>
    public const string Released = "released";

    /// <summary>The figures of one programme, or of all that have any.</summary>
    public static async Task<IReadOnlyList<AccountFigure>> ReadAsync(NpgsqlConnection db, Period period, Guid? programmeId = null) =>
        (await db.QueryAsync<AccountFigure>(
            """
            select e.programme_id, s.account, sum(s.cents)::bigint as end_cents, coalesce(sum(s.cents) filter (where @StartsAt::timestamptz is null or e.at >= @StartsAt), 0)::bigint as movement_cents
            from ledger_entry e cross join lateral (values
              (e.debit_account, e.amount_cents), (e.credit_account, -e.amount_cents),
              ('released', case when e.debit_account = 'available' and e.credit_account in ('granted', 'committed', 'service-done') then e.amount_cents else 0 end)) s (account, cents)
            where (@EndsAt::timestamptz is null or e.at < @EndsAt) and (@programmeId::uuid is null or e.programme_id = @programmeId)
            group by e.programme_id, s.account order by e.programme_id, s.account
            """, new { period.StartsAt, period.EndsAt, programmeId })).AsList();
}
