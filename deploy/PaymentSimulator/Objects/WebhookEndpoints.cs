using System.Text.Json.Nodes;
using Marketplace.PaymentSimulator.Wire;
using Npgsql;

namespace Marketplace.PaymentSimulator.Objects;

/// <summary>Addresses that events are sent to.</summary>
public static class WebhookEndpoints
{
    private const string FromConfiguration = "we_sim_configuration";

    /// <summary>Parameters of create.</summary>
    public static readonly string[] Parameters = ["url", "enabled_events", "api_version", "description", "metadata", "connect"];

    /// <summary><c>POST /v1/webhook_endpoints</c>; the only answer that shows the secret.</summary>
    public static Task<Answer> Create(Session session, Form form, string id)
    {
        form.Required("url");
        var url = form.WebAddress("url");
        var types = form.Items("enabled_events");
        if (types.Length == 0)
            form.Required("enabled_events");
        if (form.Problem is { } problem)
            return Task.FromResult(problem);
        if (form.Filled("api_version") is { } version && version != Api.Version)
            return Task.FromResult(Answer.Invalid($"The simulator renders events of {Api.Version} only.", "parameter_invalid_string", "api_version"));
        var endpoint = New(Json.NewId("we"), url!, $"whsec_{Json.NewId("x")[6..]}", types, session.Now);
        Metadata.Merge(endpoint, form);
        session.Put(endpoint);
        var shown = (JsonObject)endpoint.DeepClone();
        shown["secret"] = endpoint.Text("_secret");
        return Task.FromResult(Answer.Ok(shown));
    }

    /// <summary><c>GET /v1/webhook_endpoints</c></summary>
    public static Task<Answer> List(Session session, Form form, string id) =>
        Lists.Page(session, form, "/v1/webhook_endpoints", "webhook_endpoint", []);

    /// <summary><c>DELETE /v1/webhook_endpoints/{id}</c></summary>
    public static async Task<Answer> Delete(Session session, Form form, string id)
    {
        if (await session.Load("webhook_endpoint", id) is not { } endpoint)
            return Answer.Missing("webhook_endpoint", id);
        endpoint["status"] = "disabled";
        endpoint["deleted"] = true;
        session.Put(endpoint);
        await using var waiting = new NpgsqlCommand("delete from deliveries where endpoint = $1", session.Connection) { Parameters = { new() { Value = id } } };
        await waiting.ExecuteNonQueryAsync();
        return Answer.Ok(new JsonObject { ["id"] = id, ["object"] = "webhook_endpoint", ["deleted"] = true });
    }

    /// <summary>The endpoint of the configuration, for all events.</summary>
    public static JsonObject Configured(string url, string secret, long now) => New(FromConfiguration, url, secret, ["*"], now);

    private static JsonObject New(string id, string url, string secret, string[] types, long now) => new()
    {
        ["id"] = id,
        ["object"] = "webhook_endpoint",
        ["api_version"] = Api.Version,
        ["application"] = null,
        ["created"] = now,
        ["description"] = null,
        ["enabled_events"] = Json.Array(types),
        ["livemode"] = false,
        ["metadata"] = new JsonObject(),
        ["status"] = "enabled",
        ["url"] = url,
        ["_secret"] = secret,
    };
}
