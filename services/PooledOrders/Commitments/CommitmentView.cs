using Marketplace.Events.Subsidies;
using Marketplace.PooledOrders.Delivery;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>One programme's aid for a commitment. Amount in cents; <c>status</c> is <c>reserved</c>, <c>granted</c>, <c>service-done</c> or <c>released</c>.</summary>
public sealed record CommitmentAid(Guid ProgrammeId, string Funder, long AmountCents, string Status, string[] LimitedBy);

/// <summary>
/// How the payment stands: <c>none</c>, <c>to-set-up</c>, <c>ready</c>, <c>setup-failed</c>, <c>due</c>, <c>succeeded</c>,
/// <c>failed</c>, <c>action-required</c>, <c>cancelled</c> or <c>not-needed</c> (aid covers all that a card could be charged); the payment
/// provider's reference once there is one; and until when a failed charge may be paid on-session. <c>redirectUrl</c> is
/// where the payer authenticates, given only in the answer to the payer's own try. <c>refundedCents</c> is what was given
/// back or is on its way; <c>refundStatus</c> is <c>due</c>, <c>pending</c>, <c>succeeded</c> or <c>failed</c>, null
/// when nothing is to be given back. <c>outstandingCents</c> is what is owed and not charged, so that the provider
/// invoices it: less than the least that a card is charged, or what a short delivery leaves to pay on top, where more aid
/// was lost than is paid less (a business is charged once only).
/// </summary>
public sealed record CommitmentPayment(
    string Status,
    string? Reference,
    DateTime? DueUntil,
    string? FailureCode = null,
    string? RedirectUrl = null,
    long RefundedCents = 0,
    string? RefundStatus = null,
    long OutstandingCents = 0);

/// <summary>
/// What became of the declared delivery (DOMAIN §6): until <c>acceptBy</c> the business may accept or refuse, then its
/// silence accepts (<c>tacit</c>). A refusal takes the declaration back and stays visible until and after the next one.
/// </summary>
public sealed record CommitmentDelivery(DateTime? DeclaredAt, DateTime? AcceptBy, DateTime? AcceptedAt, bool? Tacit, DateTime? RefusedAt, string? RefusalReason);

/// <summary>
/// A commitment as the API shows it (API.md, Commitments). Amounts in cents; null until the pool is confirmed, and those of
/// what was delivered once the service is certified as done.
/// </summary>
public sealed record CommitmentView(
    Guid Id,
    Guid PoolId,
    string Siren,
    string OrganisationName,
    string Status,
    int Quantity,
    int Tolerance,
    long? PriceLimitCents,
    DateTime JoinedAt,
    int? AllocatedQuantity,
    long? UnitPriceCents,
    long? NetCents,
    long? VatCents,
    CommitmentAid[] Aid,
    long AidCents,
    long? PayableCents,
    CommitmentPayment Payment,
    string? EndReason,
    int Version,
    string? Siret = null,
    int? DeliveredQuantity = null,
    DateOnly? DeliveredOn = null,
    CommitmentDelivery? Delivery = null)
{
    /// <summary>The view of a row.</summary>
    public static CommitmentView Of(CommitmentRow c, string? redirectUrl = null) => new(
        c.Id,
        c.PoolId,
        c.Siren,
        c.OrganisationName,
        c.Status,
        c.Quantity,
        c.Tolerance,
        c.PriceLimitCents,
        c.JoinedAt,
        c.AllocatedQuantity,
        c.UnitPriceCents,
        c.NetCents,
        c.VatCents,
        [.. c.Aid.Select(a => AidOf(a, c.AidStatus))],
        c.AidCents,
        c.PayableCents,
        new CommitmentPayment(c.PaymentStatus, c.PaymentReference, c.PaymentDueUntil, c.PaymentFailureCode, redirectUrl, c.RefundedCents, c.RefundStatus, OutstandingOf(c)),
        c.EndReason,
        c.Version,
        c.Siret,
        c.DeliveredQuantity,
        c.DeliveredOn,
        c.DeclaredAt is null && c.RefusedAt is null
            ? null
            : new CommitmentDelivery(c.DeclaredAt, c.DeclaredAt + Declaring.Silence, c.AcceptedAt, c.Tacit, c.RefusedAt, c.RefusalReason));

    private static long OutstandingOf(CommitmentRow c) =>
        c is { Status: CommitmentStatus.Paid or CommitmentStatus.Delivered or CommitmentStatus.Accepted, PaidCents: { } paid, PayableCents: { } payable } ? Math.Max(0, payable - paid) : 0;

    private static CommitmentAid AidOf(AidPart part, string status) => new(part.ProgrammeId, part.Funder, part.AmountCents, status, part.LimitedBy);
}
