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
    int Version);

/// <summary>A commitment ended without an order: its aid, reserved or granted, returns to the envelopes.</summary>
/// <param name="CommitmentId">The commitment; the fact's stream.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="Outcome"><c>withdrawn</c>, <c>released</c> (by the town after closing) or <c>defaulted</c>.</param>
/// <param name="Reason">Why, where somebody said.</param>
/// <param name="Version">The commitment's version.</param>
public sealed record CommitmentEnded(Guid CommitmentId, Guid PoolId, string Outcome, string? Reason, int Version);

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
