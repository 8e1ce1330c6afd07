using System.Text.Json;
using Dapper;
using Marketplace.Events.Subsidies;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;
using Marketplace.PooledOrders.Checkout;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Payments;
using MediatR;

namespace Marketplace.PooledOrders.Delivery;

/// <summary>
/// The subsidies certified the service of accepted commitments as done: the aid is that of what was delivered, and so
/// become net amount, VAT and what the business pays (DOMAIN §6). What it paid for more than that is given back.
/// </summary>
/// <remarks>
/// The fact answers our own <c>DeliveryAccepted</c>, after which nothing of a delivery changes; an older or repeated one
/// is told by its version, and ignored.
/// </remarks>
public sealed class WhenServiceDone(Session session, FactLog facts, RefundRecord refunds) : AsyncRequestHandler<ReceivedMany<ServiceDoneCertified>>
{
    /// <inheritdoc />
    protected override async Task Handle(ReceivedMany<ServiceDoneCertified> request, CancellationToken cancellationToken)
    {
        var certified = request.Facts.GroupBy(f => f.CommitmentId).ToDictionary(g => g.Key, g => g.MaxBy(f => f.Version)!);
        var db = await session.OpenAsync(cancellationToken);
        var ids = certified.Keys.ToArray();
        await db.ExecuteAsync("select from commitment where id = any(@ids) order by id for update", new { ids });
        var accepted = await db.QueryAsync<Accepted>(
            """
            select c.id, c.delivered_quantity, c.unit_price_cents, v.vat_rate_bps, c.aid_version, coalesce(y.amount_cents, 0) as paid_cents
            from commitment c join pool p on p.id = c.pool_id
            join pack_version v on v.pack_id = p.pack_id and v.pack_version = p.pack_version
            left join payment y on y.commitment_id = c.id and y.status = 'succeeded'
            where c.id = any(@ids) and c.status = 'accepted' order by c.id
            """, new { ids });
        var settled = accepted.Where(c => c.AidVersion < certified[c.Id].Version).Select(c => Settle(c, certified[c.Id])).ToList();
        await WriteAsync(settled, cancellationToken);
        await refunds.AskAsync(
            RefundReason.ShortDelivery,
            settled.Where(s => s.PaidCents > s.Amounts.PayableCents).Select(s => new RefundDue(s.Fact.CommitmentId, s.PaidCents - s.Amounts.PayableCents)).ToList(),
            cancellationToken);
    }

    private static Settled Settle(Accepted commitment, ServiceDoneCertified fact) => fact.Quantity == commitment.DeliveredQuantity
        ? new Settled(fact, Amounts.Of(fact.Quantity, commitment.UnitPriceCents, commitment.VatRateBps) with { AidCents = fact.Parts.Sum(p => p.AmountCents) }, commitment.PaidCents)
        : throw new InvalidOperationException($"{fact.Quantity} units of commitment {fact.CommitmentId} were certified, but {commitment.DeliveredQuantity} accepted.");

    private async Task WriteAsync(List<Settled> settled, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var versions = (await db.QueryAsync<(Guid Id, int Version)>(
            """
            update commitment c set aid = s.aid::jsonb, aid_status = 'service-done', aid_version = s.aid_version, aid_cents = s.aid_cents, accepted_quantity = delivered_quantity,
              net_cents = s.net, vat_cents = s.vat, payable_cents = s.payable, version = c.version + 1
            from unnest(@ids, @aidVersions, @aid, @aidCents, @nets, @vats, @payables) as s (id, aid_version, aid, aid_cents, net, vat, payable) where c.id = s.id
            returning c.id, c.version
            """,
            new
            {
                ids = settled.Select(s => s.Fact.CommitmentId).ToArray(),
                aidVersions = settled.Select(s => s.Fact.Version).ToArray(),
                aid = settled.Select(s => JsonSerializer.Serialize(s.Fact.Parts, Json.Options)).ToArray(),
                aidCents = settled.Select(s => s.Amounts.AidCents).ToArray(),
                nets = settled.Select(s => s.Amounts.NetCents).ToArray(),
                vats = settled.Select(s => s.Amounts.VatCents).ToArray(),
                payables = settled.Select(s => s.Amounts.PayableCents).ToArray(),
            })).ToDictionary(c => c.Id, c => c.Version);
        await facts.AppendAsync(
            [
                .. settled.Select(s => New(s, new AidChanged(s.Fact.CommitmentId, "service-done", s.Fact.Parts, s.Amounts.AidCents))),
                .. settled.Select(s => New(s, new AmountsSettled(s.Fact.CommitmentId, s.Fact.Quantity, s.Amounts.NetCents, s.Amounts.VatCents, s.Amounts.AidCents, s.Amounts.PayableCents))),
            ], ct);

        NewFact New(Settled s, object fact) => facts.New(s.Fact.CommitmentId, versions[s.Fact.CommitmentId], fact);
    }

    private sealed record Accepted(Guid Id, int DeliveredQuantity, long UnitPriceCents, int VatRateBps, int AidVersion, long PaidCents);

    private sealed record Settled(ServiceDoneCertified Fact, Amounts Amounts, long PaidCents);
}
