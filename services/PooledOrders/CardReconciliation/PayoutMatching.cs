namespace Marketplace.PooledOrders.CardReconciliation;

/// <summary>A payout beside the lines that it is made of. Amounts in cents.</summary>
/// <param name="LinesNetCents">Σ net of its lines, its own line left out; null while it is not itemised.</param>
public sealed record PayoutState(string Id, long AmountCents, string Currency, string Status, bool Automatic, long? LinesNetCents, DateTime Created);

/// <summary>A payout is right when the net amounts of its lines add up to it (wire contract §11). Pure.</summary>
public static class PayoutMatching
{
    /// <summary>The kind of exception, or null when there is none (yet).</summary>
    public static string? Decide(PayoutState payout) => payout switch
    {
        { Currency: not StatementLine.Euro } => CardOutcomes.Currency,
        { Status: "failed" or "canceled" } => CardOutcomes.PayoutFailed,
        { Automatic: false } => CardOutcomes.PayoutNotItemised,
        { LinesNetCents: { } net } when net != payout.AmountCents => CardOutcomes.PayoutDifference,
        _ => null,
    };
}
