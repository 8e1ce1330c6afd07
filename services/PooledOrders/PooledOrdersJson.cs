using System.Text.Json;
using System.Text.Json.Serialization;
using Marketplace.Events.Catalog;
using Marketplace.Events.PooledOrders;
using Marketplace.Events.Subsidies;
using Marketplace.PooledOrders.Commitments;
using Marketplace.PooledOrders.Pools;

namespace Marketplace.PooledOrders;

/// <summary>Source-generated JSON of the hot path: joining, reading pools, and the facts around them.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(JoinPool.Body))]
[JsonSerializable(typeof(JoinPool.Command))]
[JsonSerializable(typeof(CommitmentView))]
[JsonSerializable(typeof(PoolView))]
[JsonSerializable(typeof(PriceTier[]))]
[JsonSerializable(typeof(AidPart[]))]
[JsonSerializable(typeof(CommitmentPlaced))]
[JsonSerializable(typeof(CommitmentEnded))]
[JsonSerializable(typeof(CommitmentPaid))]
[JsonSerializable(typeof(DeliveryAccepted))]
[JsonSerializable(typeof(AidReserved))]
[JsonSerializable(typeof(AidGranted))]
[JsonSerializable(typeof(AidReleased))]
[JsonSerializable(typeof(ServiceDoneCertified))]
internal sealed partial class PooledOrdersJson : JsonSerializerContext;
