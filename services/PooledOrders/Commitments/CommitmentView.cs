using Marketplace.Events.Subsidies;

namespace Marketplace.PooledOrders.Commitments;

/// <summary>One programme's aid for a commitment. Amount in cents; <c>status</c> is <c>reserved</c>, <c>granted</c> or <c>released</c>.</summary>
public sealed record CommitmentAid(Guid ProgrammeId, string Funder, long AmountCents, string Status, string[] LimitedBy);

/// <summary>
/// How the payment stands: <c>none</c>, <c>to-set-up</c>, <c>ready</c>, <c>setup-failed</c>, <c>due</c>, <c>succeeded</c>,
/// <c>failed</c>, <c>action-required</c> or <c>cancelled</c>; the payment provider's reference once there is one; and
/// until when a failed charge may be paid on-session. <c>redirectUrl</c> is where the payer authenticates, given only in
/// the answer to the payer's own try.
/// </summary>
public sealed record CommitmentPayment(string Status, string? Reference, DateTime? DueUntil, string? FailureCode = null, string? RedirectUrl = null);

/// <summary>A commitment as the API shows it (API.md, Commitments). Amounts in cents; null until the pool is confirmed.</summary>
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
    int Version)
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
        new CommitmentPayment(c.PaymentStatus, c.PaymentReference, c.PaymentDueUntil, c.PaymentFailureCode, redirectUrl),
        c.EndReason,
        c.Version);

    private static CommitmentAid AidOf(AidPart part, string status) => new(part.ProgrammeId, part.Funder, part.AmountCents, status, part.LimitedBy);
}
