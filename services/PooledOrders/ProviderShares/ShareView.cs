namespace Marketplace.PooledOrders.ProviderShares;

/// <summary>What is due, by the days since it became due (Europe/Paris days, the day it became due being day 0). In cents.</summary>
public sealed record Ageing(long Days0To30Cents, long Days31To60Cents, long Days61To90Cents, long DaysOver90Cents);

/// <summary>
/// What a provider is owed for a pool by the businesses and by the funders, in cents. <c>invoiced = owed + aid</c>: net and
/// VAT of the commitments that were served and not let go. <c>due</c> is what businesses still have to pay; what is
/// collected beyond what is owed (a short delivery) and not given back yet is <c>toRefund</c>, so
/// <c>owed = collected − refunded − toRefund + due</c>. The aid's own payment is told by the subsidies.
/// </summary>
/// <param name="ClosedAt">The pool's closing (UTC): payment is due from then.</param>
public sealed record ShareView(
    Guid ProviderId, string ProviderName, Guid PoolId, string PoolTitle, DateTime ClosedAt, long CommitmentCount,
    long InvoicedCents, long AidCents, long OwedCents, long CollectedCents, long RefundedCents, long ToRefundCents, long DueCents, Ageing Ageing);

/// <summary>The sums over all that the caller asked for, not only this page.</summary>
public sealed record ShareTotals(
    long CommitmentCount, long InvoicedCents, long AidCents, long OwedCents, long CollectedCents, long RefundedCents, long ToRefundCents, long DueCents, Ageing Ageing);

/// <summary>One page of shares with the totals of all.</summary>
public sealed record SharesPage(IReadOnlyList<ShareView> Items, string? NextCursor, ShareTotals Totals);
