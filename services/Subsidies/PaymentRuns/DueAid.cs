using Dapper;
using Npgsql;

namespace Marketplace.Subsidies.PaymentRuns;

/// <summary>What a programme owes one provider, in cents, over so many grants.</summary>
public sealed record Due(Guid ProviderId, string? ProviderName, string? Iban, long AmountCents, int GrantCount);

/// <summary>
/// The aid that a payment run takes (DOMAIN §6): the service is done, or the bank sent it back, and it is in no other
/// transfer. The caller holds <see cref="Grants.MoneyLock"/>, so two readings see the same.
/// </summary>
public static class DueAid
{
    /// <summary>The most that one SEPA credit transfer carries: 999 999 999.99 € (EPC rulebook, AT-T002).</summary>
    public const long MostCents = 99_999_999_999;

    /// <summary>Reason: nobody has told the provider's account.</summary>
    public const string IbanMissing = "iban-missing";

    /// <summary>Reason: more than one transfer may carry.</summary>
    public const string AmountTooLarge = "amount-too-large";

    private const string IsDue =
        """
        g.programme_id = @programmeId and g.status in ('service-done', 'rejected') and g.service_done_cents > g.ordered_cents
        and not exists (select from transfer_grant a where a.grant_id = g.id and a.active)
        """;

    /// <summary>Why this cannot be paid now; null when it can.</summary>
    public static string? Obstacle(Due due) => due.Iban is null ? IbanMissing : due.AmountCents > MostCents ? AmountTooLarge : null;

    /// <summary>What is due by provider, in the order in which transfers are numbered.</summary>
    public static async Task<IReadOnlyList<Due>> ByProviderAsync(NpgsqlConnection db, Guid programmeId) =>
        (await db.QueryAsync<Due>(
            $"""
            select po.provider_id, coalesce(max(pe.name), max(po.provider_name)) as provider_name, max(pe.iban) as iban,
              sum(g.service_done_cents - g.ordered_cents)::bigint as amount_cents, count(*)::int as grant_count
            from aid_grant g join pool po on po.id = g.pool_id left join payee pe on pe.provider_id = po.provider_id
            where {IsDue} group by po.provider_id order by provider_name, po.provider_id
            """, new { programmeId }, commandTimeout: OrderAid.Patience)).AsList();

    /// <summary>Puts every due grant into the run's transfer to its provider, where there is one.</summary>
    public static Task AssignAsync(NpgsqlConnection db, Guid programmeId, Guid runId) => db.ExecuteAsync(
        $"""
        {OrderAid.AsOfMany};
        insert into transfer_grant (transfer_id, grant_id, amount_cents, status_before, active)
        select t.id, g.id, g.service_done_cents - g.ordered_cents, g.status, true
        from aid_grant g join pool po on po.id = g.pool_id join payment_transfer t on t.run_id = @runId and t.provider_id = po.provider_id
        where {IsDue};
        {OrderAid.AsUsual}
        """, new { programmeId, runId }, commandTimeout: OrderAid.Patience);
}
