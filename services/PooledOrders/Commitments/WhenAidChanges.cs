using System.Text.Json;
using Dapper;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Payments;
using MediatR;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>For the history: the subsidies' answer, as it came.</summary>
public sealed record AidChanged(Guid CommitmentId, string Status, AidPart[] Parts, long AidCents);

/// <summary>For the history: the amount to pay is known.</summary>
public sealed record PaymentBecameDue(Guid CommitmentId, long PayableCents);

/// <summary>
/// The subsidies reserved, granted or took back aid. Facts come in any order: each carries the version of the
/// commitment's aid, and an older one is ignored. A placement's reservation makes it <c>committed</c>; a grant fixes
/// what the business pays (DOMAIN §3) and makes the payment due; where aid covers everything, it is paid without a charge.
/// </summary>
public sealed class WhenAidChanges(Session session, FactLog facts, TimeProvider clock)
    : IRequestHandler<ReceivedMany<AidReserved>>, IRequestHandler<ReceivedMany<AidGranted>>, IRequestHandler<ReceivedMany<AidReleased>>
{
    private const string Newer =
        """
        from (select distinct on (id) * from unnest(@ids, @versions, @placed, @aid, @cents) as n (id, aid_version, placed_version, aid, cents) order by id, aid_version desc) n
        where c.id = n.id and c.aid_version < n.aid_version
        """;

    public async Task<Unit> Handle(ReceivedMany<AidReserved> request, CancellationToken cancellationToken)
    {
        var changed = await ApplyAsync(
            $"""
            aid = n.aid::jsonb, aid_status = 'reserved', aid_cents = n.cents,
            status = case when c.status = 'pending' and n.placed_version >= c.placed_version then 'committed' else c.status end
            {Newer} and c.status in ('pending', 'committed')
            """, request.Facts.Select(f => new Change(f.CommitmentId, f.Version, f.CommitmentVersion, f.Parts)), cancellationToken);
        await facts.AppendAsync([.. changed.Select(c => facts.New(c.Id, c.Version, c.ToFact()))], cancellationToken);
        return Unit.Value;
    }

    public async Task<Unit> Handle(ReceivedMany<AidGranted> request, CancellationToken cancellationToken)
    {
        var changed = await ApplyAsync(
            $"""
            aid = n.aid::jsonb, aid_status = 'granted', aid_cents = n.cents, payable_cents = c.net_cents + c.vat_cents - n.cents,
            status = case when c.status <> 'confirmed' then c.status when c.net_cents + c.vat_cents - n.cents < {Charging.LeastCents} then 'paid' else 'payment-due' end
            {Newer} and c.net_cents is not null
            """, request.Facts.Select(f => new Change(f.CommitmentId, f.Version, 0, f.Parts)), cancellationToken);
        var due = changed.Where(c => c.Status == CommitmentStatus.PaymentDue).ToList();
        var covered = changed.Where(c => c is { Status: CommitmentStatus.Paid, PayableCents: < Charging.LeastCents }).ToList();
        var isNew = await DemandAsync([.. due, .. covered], cancellationToken);
        await facts.AppendAsync(
            [
                .. changed.Select(c => facts.New(c.Id, c.Version, c.ToFact())),
                .. due.Select(c => facts.New(c.Id, c.Version, new PaymentBecameDue(c.Id, c.PayableCents!.Value))),
            ], cancellationToken);
        await TellPaidAsync(covered.Select(c => c.Id).Where(isNew.Contains).ToArray(), cancellationToken);
        return Unit.Value;
    }

    public async Task<Unit> Handle(ReceivedMany<AidReleased> request, CancellationToken cancellationToken)
    {
        var changed = await ApplyAsync(
            $"aid_status = 'released', aid_cents = 0, payable_cents = null {Newer} and c.status not in ('paid', 'delivered', 'accepted')",
            request.Facts.Select(f => new Change(f.CommitmentId, f.Version, 0, [])), cancellationToken);
        await facts.AppendAsync([.. changed.Select(c => facts.New(c.Id, c.Version, c.ToFact()))], cancellationToken);
        return Unit.Value;
    }

    /// <summary>Writes down what is to be charged, once per commitment; what no card can be charged is left to the provider.</summary>
    /// <returns>The commitments for which there was no demand yet.</returns>
    private async Task<HashSet<Guid>> DemandAsync(IReadOnlyList<Changed> changed, CancellationToken ct) =>
        (await (await session.OpenAsync(ct)).QueryAsync<Guid>(
            """
            insert into payment (commitment_id, status, amount_cents)
            select id, case amount when 0 then 'not-needed' else 'due' end, amount from unnest(@ids, @amounts) as d (id, amount)
            on conflict (commitment_id) do update set status = excluded.status, amount_cents = excluded.amount_cents, next_try_at = null, tries = 0
            where payment.status in ('to-set-up', 'ready', 'setup-failed')
            returning commitment_id
            """, new { ids = changed.Select(c => c.Id).ToArray(), amounts = changed.Select(c => c.PayableCents < Charging.LeastCents ? 0 : c.PayableCents!.Value).ToArray() })).ToHashSet();

    /// <summary>Aid covers all that could be charged: paid, without a charge.</summary>
    private async Task TellPaidAsync(Guid[] ids, CancellationToken ct)
    {
        if (ids.Length == 0)
        {
            return;
        }

        var now = clock.GetUtcNow().UtcDateTime;
        var rows = await (await session.OpenAsync(ct)).QueryAsync<CommitmentRow>(CommitmentRow.Select + "where c.id = any(@ids) order by c.id", new { ids });
        await facts.AppendAsync([.. rows.Select(c => facts.New(c.Id, c.Version, new CommitmentPaid(c.Id, c.PoolId, c.ProviderId, 0, null, now, c.Version)))], ct);
    }

    private async Task<IReadOnlyList<Changed>> ApplyAsync(string change, IEnumerable<Change> changes, CancellationToken ct)
    {
        var list = changes.ToList();
        var db = await session.OpenAsync(ct);
        var ids = list.Select(c => c.CommitmentId).ToArray();

        // Locked in one order by every writer, so that two messages cannot wait for each other.
        await db.ExecuteAsync("select from commitment where id = any(@ids) order by id for update", new { ids });
        var rows = await db.QueryAsync<Changed>(
            $"""
            update commitment c set aid_version = n.aid_version, version = c.version + 1, {change}
            returning c.id, c.version, c.status, c.aid_status, c.aid::text as aid, c.aid_cents, c.payable_cents
            """,
            new
            {
                ids,
                versions = list.Select(c => c.AidVersion).ToArray(),
                placed = list.Select(c => c.PlacedVersion).ToArray(),
                aid = list.Select(c => JsonSerializer.Serialize(c.Parts, Json.Options)).ToArray(),
                cents = list.Select(c => c.Parts.Sum(p => p.AmountCents)).ToArray(),
            });
        return rows.ToList();
    }

    private sealed record Change(Guid CommitmentId, int AidVersion, int PlacedVersion, AidPart[] Parts);

    private sealed record Changed(Guid Id, int Version, string Status, string AidStatus, string Aid, long AidCents, long? PayableCents)
    {
        public AidChanged ToFact() => new(Id, AidStatus, JsonSerializer.Deserialize<AidPart[]>(Aid, Json.Options)!, AidCents);
    }
}
