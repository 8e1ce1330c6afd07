namespace Marketplace.Events.PooledOrders;

/// <summary>A business joined a pool or changed its commitment (DOMAIN §2); aid is to be reserved for it.</summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="OrganisationId">The business.</param>
/// <param name="OrganisationName">Its name.</param>
/// <param name="Siren">Its SIREN (9 digits).</param>
/// <param name="Departement">Its département code.</param>
/// <param name="Headcount">Its headcount, when it was given.</param>
/// <param name="TurnoverCents">Its yearly turnover in cents, when it was given.</param>
/// <param name="Category">The pack's category.</param>
/// <param name="ProgrammeIds">The funding programmes that apply to the pool.</param>
/// <param name="ReservableNetCents">(quantity + tolerance) × the dearest tier price that the price limit accepts, in cents.</param>
/// <param name="JoinedAt">When the business joined (UTC); with the id, the order of "first come, first served".</param>
/// <param name="Version">The commitment's version, from 1; a higher one replaces what was reserved.</param>
/// <param name="Siret">Its SIRET (14 digits); null on facts older than the field.</param>
public sealed record CommitmentPlaced(
    Guid CommitmentId,
    Guid PoolId,
    Guid OrganisationId,
    string OrganisationName,
    string Siren,
    string Departement,
    int? Headcount,
    long? TurnoverCents,
    string Category,
    Guid[] ProgrammeIds,
    long ReservableNetCents,
    DateTime JoinedAt,
    int Version,
    string? Siret = null);

/// <summary>A commitment ended without an order: its aid, reserved or granted, returns to the envelopes.</summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="Outcome"><c>withdrawn</c>, <c>released</c> (by the town after closing) or <c>defaulted</c>.</param>
/// <param name="Reason">Why, where somebody said.</param>
/// <param name="Version">The commitment's version.</param>
public sealed record CommitmentEnded(Guid CommitmentId, Guid PoolId, string Outcome, string? Reason, int Version);

/// <summary>
/// The business paid its share, or had nothing to pay: the order is firm, and the funders' aid can be committed
/// (DOMAIN §3, §6).
/// </summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="ProviderId">The provider.</param>
/// <param name="AmountCents">What the business was charged, in cents, ≥ 0.</param>
/// <param name="PaymentReference">The payment provider's reference; null when there was nothing to pay.</param>
/// <param name="PaidAt">When (UTC).</param>
/// <param name="Version">The commitment's version.</param>
public sealed record CommitmentPaid(Guid CommitmentId, Guid PoolId, Guid ProviderId, long AmountCents, string? PaymentReference, DateTime PaidAt, int Version);

/// <summary>
/// The business accepted what was delivered, or stayed silent for 7 days: the service is done (DOMAIN §6). A short
/// delivery is told by its quantity; aid is then computed anew on the net amount of what was delivered.
/// </summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="ProviderId">The provider.</param>
/// <param name="Quantity">Units delivered, from 0 to what was allocated.</param>
/// <param name="NetCents">Quantity × awarded price, excluding VAT, in cents.</param>
/// <param name="DeliveredOn">The day of the delivery, as the provider declared it.</param>
/// <param name="Tacit">True when the business stayed silent.</param>
/// <param name="AcceptedAt">When it counts as accepted (UTC).</param>
/// <param name="Version">The commitment's version.</param>
public sealed record DeliveryAccepted(
    Guid CommitmentId,
    Guid PoolId,
    Guid ProviderId,
    int Quantity,
    long NetCents,
    DateOnly DeliveredOn,
    bool Tacit,
    DateTime AcceptedAt,
    int Version);

/// <summary>What one commitment got at the closing.</summary>
/// <param name="CommitmentId">The commitment.</param>
/// <param name="Quantity">Units, tolerance included where it was drawn.</param>
/// <param name="NetCents">Quantity × awarded price, excluding VAT, in cents.</param>
public sealed record Allocation(Guid CommitmentId, int Quantity, long NetCents);

/// <summary>
/// A pool closed with an award (DOMAIN §2.1): all its reservations return to the envelopes and aid is granted on the
/// allocated net amounts, in join order. A large pool is told in several parts, each at most 5 000 allocations, so
/// that a message stays far below the bus's 4 MiB; grants begin when all parts are there.
/// </summary>
/// <param name="PoolId">The pool; the fact's stream.</param>
/// <param name="PackId">The pack.</param>
/// <param name="ProviderId">The provider.</param>
/// <param name="ProviderName">Its name.</param>
/// <param name="UnitPriceCents">The awarded unit price excluding VAT, in cents.</param>
/// <param name="Allocations">The commitments that are served, of this part.</param>
/// <param name="AllocationCount">How many there are in all parts together.</param>
/// <param name="Part">This part, from 1.</param>
/// <param name="Parts">Number of parts.</param>
/// <param name="ConfirmedAt">When the pool closed (UTC).</param>
/// <param name="Version">The pool's version.</param>
/// <param name="ClosingNumber">Gapless number of this closing, from 1: money moves in this order (DOMAIN §2: pools that fall due together close in the order of closesAt).</param>
public sealed record PoolConfirmed(
    Guid PoolId,
    Guid PackId,
    Guid ProviderId,
    string ProviderName,
    long UnitPriceCents,
    Allocation[] Allocations,
    int AllocationCount,
    int Part,
    int Parts,
    DateTime ConfirmedAt,
    int Version,
    long? ClosingNumber = null);

/// <summary>A pool ended without an award: everything reserved for it returns to the envelopes.</summary>
/// <param name="PoolId">The pool; the fact's stream.</param>
/// <param name="Outcome"><c>failed</c> or <c>cancelled</c>.</param>
/// <param name="Reason">Why, where somebody said.</param>
/// <param name="Version">The pool's version.</param>
/// <param name="ClosingNumber">For <c>failed</c>: its number among the closings (see <see cref="PoolConfirmed"/>); a cancellation has none.</param>
public sealed record PoolEnded(Guid PoolId, string Outcome, string? Reason, int Version, long? ClosingNumber = null);

/// <summary>An organisation that a notice is for, with what is its own in it.</summary>
/// <param name="OrganisationId">The business or the provider.</param>
/// <param name="CommitmentId">Its commitment; null for a provider.</param>
/// <param name="AmountCents">What it has to pay or was charged, in cents, ≥ 0; null where no money is meant.</param>
public sealed record NoticeRecipient(Guid OrganisationId, Guid? CommitmentId, long? AmountCents);

/// <summary>
/// There is something about a pool that businesses or its provider should hear of now. The service that knows when and
/// whom decides; the gateway, which alone knows accounts and e-mail addresses, tells them.
/// </summary>
/// <param name="NoticeId">The notice; the fact's stream.</param>
/// <param name="Kind">
/// <c>pool-closes-soon</c>, <c>next-tier-near</c>, <c>pool-confirmed</c>, <c>pool-failed</c>, <c>pool-cancelled</c>,
/// <c>payment-failed</c>, <c>delivery-declared</c>; to the provider <c>order-confirmed</c>, <c>delivery-refused</c>.
/// </param>
/// <param name="PoolId">The pool.</param>
/// <param name="PoolTitle">Its title.</param>
/// <param name="Recipients">Who is told; at most 5 000, further ones in notices of their own.</param>
/// <param name="Until">The last instant at which one can act (UTC): the closing, the end of the time to pay or to refuse; null where nothing is to be done.</param>
/// <param name="MissingQuantity"><c>next-tier-near</c>: units that are missing, ≥ 1.</param>
/// <param name="UnitPriceCents">The unit price excluding VAT that is near or was awarded, in cents.</param>
/// <param name="GivenAt">When (UTC).</param>
/// <param name="Version">Always 1: a notice is given once.</param>
public sealed record PoolNoticeGiven(
    Guid NoticeId,
    string Kind,
    Guid PoolId,
    string PoolTitle,
    NoticeRecipient[] Recipients,
    DateTime? Until,
    int? MissingQuantity,
    long? UnitPriceCents,
    DateTime GivenAt,
    int Version);
