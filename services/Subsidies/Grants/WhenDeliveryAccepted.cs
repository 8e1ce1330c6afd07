using System.Text.Json;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.Subsidies.Ledger;
using MediatR;
using Npgsql;

namespace Marketplace.Subsidies.Grants;

/// <summary>
/// The service is done: aid becomes due to the provider. After a short delivery it is computed again on what was
/// delivered, and the rest returns to the envelopes for those who were too late.
/// </summary>
public sealed class WhenDeliveryAccepted(Session session, FactLog facts, WhenCommitmentPaid commit, MoveAid move, GeneralLedger ledger, RecomputeReservations recompute)
    : AsyncRequestHandler<ReceivedMany<DeliveryAccepted>>
{
    /// <inheritdoc />
    protected override async Task Handle(ReceivedMany<DeliveryAccepted> request, CancellationToken cancellationToken)
    {
        var db = await session.OpenAsync(cancellationToken);
        await MoneyLock.TakeAsync(db);
        var accepted = request.Facts.DistinctBy(f => f.CommitmentId).ToDictionary(f => f.CommitmentId);
        var held = (await db.QueryAsync<Held>(
            "select id, pool_id, status, aid_version, service_done_at is not null as done, calculation::text as calculation from commitment where id = any(@ids) order by id",
            new { ids = accepted.Keys.ToArray() })).AsList();
        if (held.Count < accepted.Count || held.Any(h => h.Status == Commitment.Reserved))
        {
            throw new InvalidOperationException("A delivery was accepted before the grant of its aid is known; it has to come again.");
        }

        var certified = held.Where(h => h.Status == Commitment.Granted && !h.Done).Select(h => new Certified(accepted[h.Id], h)).ToList();

        // An acceptance says that the share was paid, should that message be still on its way.
        await commit.CommitAsync([.. certified.Select(c => c.Held.Id)], cancellationToken);
        var returned = await ReleaseRestAsync(db, certified.Where(c => c.IsShort).ToList(), cancellationToken);
        await CertifyAsync(db, certified, cancellationToken);
        if (returned)
        {
            await recompute.RunAsync(cancellationToken);
        }
    }

    /// <summary>Lowers the grants of short deliveries to what they come to now.</summary>
    /// <returns>Whether money returned to an envelope.</returns>
    private async Task<bool> ReleaseRestAsync(NpgsqlConnection db, List<Certified> shortened, CancellationToken ct)
    {
        var parts = shortened.SelectMany(c => c.Calculation.Decision.Steps, (c, s) => (CommitmentId: c.Held.Id, s.ProgrammeId, s.AmountCents, LimitedBy: string.Join(',', s.LimitedBy))).ToList();
        var released = (await db.QueryAsync<GrantMove>(
            """
            with new as (
              select g.id, g.programme_id, g.granted_cents - n.cents as rest, n.cents, n.limited_by
              from aid_grant g join unnest(@commitments, @programmes, @cents, @limits) as n (commitment_id, programme_id, cents, limited_by)
                on g.commitment_id = n.commitment_id and g.programme_id = n.programme_id
            ), lowered as (
              update aid_grant g set granted_cents = new.cents, committed_cents = new.cents, limited_by = string_to_array(new.limited_by, ',') from new where g.id = new.id
            )
            select id as grant_id, programme_id, rest as amount_cents, null::bigint as reverses from new where rest > 0 order by id
            """,
            new
            {
                commitments = parts.Select(p => p.CommitmentId).ToArray(),
                programmes = parts.Select(p => p.ProgrammeId).ToArray(),
                cents = parts.Select(p => p.AmountCents).ToArray(),
                limits = parts.Select(p => p.LimitedBy).ToArray(),
            })).AsList();
        await db.ExecuteAsync(
            "update programme p set granted_cents = granted_cents - r.cents from (select id, sum(cents)::bigint as cents from unnest(@ids, @rests) as u (id, cents) group by id) r where p.id = r.id",
            new { ids = released.Select(r => r.ProgrammeId).ToArray(), rests = released.Select(r => r.AmountCents).ToArray() });
        await ledger.AppendAsync(released.Select(r => new Posting(r.ProgrammeId, Accounts.Available, Accounts.Committed, r.AmountCents, "released-after-short-delivery", r.GrantId)), ct);
        return released.Count > 0;
    }

    private async Task CertifyAsync(NpgsqlConnection db, List<Certified> certified, CancellationToken ct)
    {
        var ids = certified.Select(c => c.Held.Id).ToArray();
        var due = await db.QueryAsync<GrantMove>(
            "select id as grant_id, programme_id, committed_cents as amount_cents, null::bigint as reverses from aid_grant where commitment_id = any(@ids) and status = 'committed' and committed_cents > 0 order by id",
            new { ids });
        await move.RunAsync(due, new Step(Accounts.Committed, Accounts.ServiceDone, GrantStatus.ServiceDone, "service-done"), ct);
        await db.ExecuteAsync(
            """
            update aid_grant set status = 'released' where commitment_id = any(@ids) and status = 'committed';
            update commitment c set aid_version = c.aid_version + 1, delivered_quantity = n.quantity, delivered_on = n.delivered_on, service_done_at = n.at, calculation = n.calculation::jsonb
            from unnest(@ids, @quantities, @days, @instants, @calculations) as n (id, quantity, delivered_on, at, calculation) where c.id = n.id;
            update pool p set provider_id = n.provider_id from unnest(@pools, @providers) as n (id, provider_id) where p.id = n.id and p.provider_id is null
            """,
            new
            {
                ids,
                quantities = certified.Select(c => c.Fact.Quantity).ToArray(),
                days = certified.Select(c => c.Fact.DeliveredOn).ToArray(),
                instants = certified.Select(c => c.Fact.AcceptedAt).ToArray(),
                calculations = certified.Select(c => JsonSerializer.Serialize(c.Calculation, Json.Options)).ToArray(),
                pools = certified.Select(c => c.Fact.PoolId).ToArray(),
                providers = certified.Select(c => c.Fact.ProviderId).ToArray(),
            });
        await facts.AppendAsync([.. certified.Select(c => facts.New(c.Held.Id, c.Held.AidVersion + 1, c.ToFact()))], ct);
    }

    private sealed record Held(Guid Id, Guid PoolId, string Status, int AidVersion, bool Done, string Calculation);

    private sealed class Certified
    {
        public Certified(DeliveryAccepted fact, Held held)
        {
            (Fact, Held) = (fact, held);
            var granted = JsonSerializer.Deserialize<Calculation>(held.Calculation, Json.Options)!;
            IsShort = fact.NetCents < granted.Inputs.NetCents;
            Calculation = IsShort ? ShortDelivery.Recompute(granted, fact.NetCents) : granted;
        }

        public DeliveryAccepted Fact { get; }

        public Held Held { get; }

        public bool IsShort { get; }

        public Calculation Calculation { get; }

        public ServiceDoneCertified ToFact() => new(
            Held.Id, Fact.PoolId, Fact.Quantity, Fact.NetCents,
            [.. Calculation.Decision.Steps.Select(s => new AidPart(s.ProgrammeId, s.Funder, s.AmountCents, s.LimitedBy))], Fact.AcceptedAt, Held.AidVersion + 1);
    }
}
