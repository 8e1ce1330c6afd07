using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders.Notices;

/// <summary>What is told of a pool, in the words of <see cref="Events.PooledOrders.PoolNoticeGiven"/>.</summary>
public static class NoticeKind
{
    public const string PoolClosesSoon = "pool-closes-soon";
    public const string NextTierNear = "next-tier-near";
    public const string PoolConfirmed = "pool-confirmed";
    public const string PoolFailed = "pool-failed";
    public const string PoolCancelled = "pool-cancelled";
    public const string PaymentFailed = "payment-failed";
    public const string DeliveryDeclared = "delivery-declared";

    /// <summary>To the provider.</summary>
    public const string OrderConfirmed = "order-confirmed";

    /// <summary>To the provider.</summary>
    public const string DeliveryRefused = "delivery-refused";
}

/// <summary>A notice about to be given, the same to all who are told.</summary>
/// <param name="Kind">One of <see cref="NoticeKind"/>.</param>
/// <param name="PoolId">The pool.</param>
/// <param name="PoolTitle">Its title.</param>
/// <param name="Occasion">What it is told for, not empty: of a pool, a kind is told once per occasion.</param>
/// <param name="Until">The last instant at which one can act (UTC); null where nothing is to be done.</param>
/// <param name="MissingQuantity">Units that are missing to the next tier, ≥ 1.</param>
/// <param name="UnitPriceCents">The unit price excluding VAT that is near or was awarded, in cents.</param>
public sealed record Notice(string Kind, Guid PoolId, string PoolTitle, string Occasion, DateTime? Until = null, int? MissingQuantity = null, long? UnitPriceCents = null)
{
    /// <summary>A notice of what happens once in a pool's life.</summary>
    public static Notice Once(PoolRow pool, string kind) => new(kind, pool.Id, pool.Title, "once");

    /// <summary>The occasion of what happened to one commitment, now at this version; of several told together, the first's.</summary>
    public static string At(Guid commitmentId, int version) => $"{commitmentId}/{version}";
}
