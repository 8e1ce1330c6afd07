using System.Text.Json;
using Marketplace.LocalSidecar.Publishing;
using Marketplace.LocalSidecar.Routing;
using Marketplace.LocalSidecar.Subscriptions;

namespace Marketplace.LocalSidecar.Delivery;

internal enum Preparation { Send, Expired, NoRoute, Unusable }

/// <param name="Path">Where to send it, for <see cref="Preparation.Send"/> only.</param>
/// <param name="Body">What to send.</param>
/// <param name="Problem">Why it is unusable.</param>
internal readonly record struct PreparedDelivery(Preparation Kind, string Path, byte[] Body, EventFields Fields, string Problem = "");

/// <summary>Decides before the first attempt whether and where a message goes: raw wrapping, expiry, routing (wire contract §2.2, §2.3, §4.1).</summary>
internal static class PrepareDelivery
{
    public static PreparedDelivery For(Subscription subscription, byte[] stored, DateTimeOffset now, Guid newId)
    {
        if (subscription.RawPayload is not { } raw)
            return new PreparedDelivery(Preparation.Unusable, "", stored, default, "the subscription's rawPayload is not a boolean");
        var body = raw ? CloudEventEnvelope.WrapRaw(subscription.PubSub, subscription.Topic, stored, newId) : stored;
        var fields = EventFields.Read(body);
        if (!fields.IsObject)
            return new PreparedDelivery(Preparation.Unusable, "", body, fields, "the message is no CloudEvent");
        if (fields.Expiration < now)
            return new PreparedDelivery(Preparation.Expired, "", body, fields);
        try
        {
            using var content = subscription.NeedsContent ? JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 1_000 }) : null;
            return subscription.Route(content?.RootElement) is { } path
                ? new PreparedDelivery(Preparation.Send, path, body, fields)
                : new PreparedDelivery(Preparation.NoRoute, "", body, fields);
        }
        catch (CelRuntimeException problem)
        {
            return new PreparedDelivery(Preparation.Unusable, "", body, fields, problem.Message);
        }
    }
}
