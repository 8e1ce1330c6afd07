namespace Marketplace.LocalSidecar.Delivery;

/// <summary>A claimed row of sidecar.delivery.</summary>
/// <param name="Attempts">Failed attempts in the current round of the retry policy.</param>
/// <param name="Redeliveries">Rounds that ended without success.</param>
/// <param name="LeasedUntil">Tick count (ms) after which another claim may take the row.</param>
internal sealed record Delivery(long Id, string PubSub, string Topic, byte[] Body, int Attempts, int Redeliveries, long LeasedUntil);
