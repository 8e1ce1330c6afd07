using System.Text.Json;

namespace Marketplace.LocalSidecar;

/// <summary>Error answers in daprd's two shapes (wire contract §1.4).</summary>
internal sealed record DaprError(int Status, string Code, string Message, string? Reason = null, string? PubSub = null)
{
    public static DaprError PubSubNotConfigured() => new(400, "ERR_PUBSUB_NOT_CONFIGURED", "no pubsub is configured", "DAPR_PUBSUB_NOT_CONFIGURED");

    public static DaprError PubSubEmpty() => new(404, "ERR_PUBSUB_EMPTY", "pubsub name is empty", "DAPR_PUBSUB_NAME_EMPTY", "");

    public static DaprError PubSubNotFound(string pubsub) => new(404, "ERR_PUBSUB_NOT_FOUND", $"pubsub {pubsub} is not found", "DAPR_PUBSUB_NOT_FOUND");

    public static DaprError TopicEmpty(string pubsub) => new(404, "ERR_TOPIC_NAME_EMPTY", $"topic is empty in pubsub {pubsub}", "DAPR_PUBSUB_TOPIC_NAME_EMPTY", pubsub);

    public static DaprError BadMetadata(string pubsub, string problem) =>
        new(400, "ERR_PUBSUB_REQUEST_METADATA", $"failed deserializing metadata: {problem}", "DAPR_PUBSUB_METADATA_DESERIALIZATION", pubsub);

    public static DaprError BadCloudEvent(string pubsub, string problem) =>
        new(500, "ERR_PUBSUB_CLOUD_EVENTS_SER", $"cannot create cloudevent: {problem}", "DAPR_PUBSUB_CLOUD_EVENT_CREATION", pubsub);

    public static DaprError Forbidden(string pubsub, string topic, string appId) =>
        new(403, "ERR_PUBSUB_FORBIDDEN", $"topic {topic} is not allowed for app id {appId}", "DAPR_PUBSUB_FORBIDDEN", pubsub);

    public static DaprError NotPublished(string pubsub, string topic, string problem) =>
        new(500, "ERR_PUBSUB_PUBLISH_MESSAGE", $"error when publish to topic {topic} in pubsub {pubsub}: {problem}", "DAPR_PUBSUB_PUBLISH_MESSAGE", pubsub);

    public static DaprError BadBulk(string pubsub, string topic, string problem) =>
        new(400, "ERR_PUBSUB_EVENTS_SER", $"error when unmarshaling the request for topic {topic} pubsub {pubsub}: {problem}", "DAPR_PUBSUB_UNMARSHAL_EVENTS", pubsub);

    public Task WriteAsync(HttpContext context) => Answer.JsonAsync(context, Status, json =>
    {
        json.WriteString("errorCode", Code);
        json.WriteString("message", Message);
        if (Reason is null)
            return;
        json.WriteStartArray("details");
        if (PubSub is not null)
            WriteResource(json, PubSub);
        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ErrorInfo");
        json.WriteString("domain", "dapr.io");
        json.WriteStartObject("metadata");
        json.WriteEndObject();
        json.WriteString("reason", Reason);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private void WriteResource(Utf8JsonWriter json, string pubsub)
    {
        json.WriteStartObject();
        json.WriteString("@type", "type.googleapis.com/google.rpc.ResourceInfo");
        json.WriteString("description", Message);
        json.WriteString("owner", "");
        json.WriteString("resource_name", pubsub);
        json.WriteString("resource_type", "pubsub");
        json.WriteEndObject();
    }
}
