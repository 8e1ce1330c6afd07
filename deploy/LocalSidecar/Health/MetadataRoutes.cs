using System.Text;
using System.Text.Json;
using Marketplace.LocalSidecar.Publishing;

namespace Marketplace.LocalSidecar.Health;

/// <summary>GET /v1.0/metadata and PUT /v1.0/metadata/{key} (wire contract §6).</summary>
internal static class MetadataRoutes
{
    private const string Version = "1.18.3";

    public static async Task SetAsync(HttpContext context, LocalApp app, string key)
    {
        app.Extended[key] = Encoding.UTF8.GetString(await RequestBody.ReadAsync(context));
        await Answer.NoContent(context);
    }

    public static Task GetAsync(HttpContext context, LocalApp app) => Answer.JsonAsync(context, 200, json =>
    {
        json.WriteString("id", app.AppId);
        json.WriteString("runtimeVersion", Version);
        if (app.Components.Count > 0)
            WriteComponents(json, app);
        json.WriteStartObject("extended");
        json.WriteString("daprRuntimeVersion", Version);
        foreach (var (key, value) in app.Extended)
            json.WriteString(key, value);
        json.WriteEndObject();
        if (app.IsLive && app.Subscriptions.Count > 0)
            WriteSubscriptions(json, app);
        if (app.Settings.AppPort != 0)
            WriteConnection(json, app);
        json.WriteStartObject("actorRuntime");
        json.WriteString("runtimeStatus", "DISABLED");
        json.WriteBoolean("hostReady", false);
        json.WriteString("placement", "placement: disconnected");
        json.WriteEndObject();
    });

    private static void WriteComponents(Utf8JsonWriter json, LocalApp app)
    {
        json.WriteStartArray("components");
        foreach (var component in app.Components.Values)
        {
            json.WriteStartObject();
            json.WriteString("name", component.Name);
            json.WriteString("type", component.Type);
            json.WriteString("version", "v1");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteSubscriptions(Utf8JsonWriter json, LocalApp app)
    {
        json.WriteStartArray("subscriptions");
        foreach (var subscription in app.Subscriptions.Values)
        {
            json.WriteStartObject();
            json.WriteString("pubsubname", subscription.PubSub);
            json.WriteString("topic", subscription.Topic);
            json.WriteStartArray("rules");
            foreach (var rule in subscription.Rules)
            {
                json.WriteStartObject();
                if (rule.Match is not null)
                    json.WriteString("match", rule.Match.Text);
                json.WriteString("path", rule.Path);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteString("deadLetterTopic", subscription.DeadLetterTopic ?? "");
            json.WriteString("type", subscription.IsDeclared ? "DECLARATIVE" : "PROGRAMMATIC");
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void WriteConnection(Utf8JsonWriter json, LocalApp app)
    {
        json.WriteStartObject("appConnectionProperties");
        json.WriteNumber("port", app.Settings.AppPort);
        json.WriteString("protocol", "http");
        json.WriteString("channelAddress", "127.0.0.1");
        if (app.Settings.HealthCheckPath is { } path)
        {
            json.WriteStartObject("health");
            json.WriteString("healthCheckPath", path);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }
}
