using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;
using Marketplace.Platform.Requests;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Platform.Messages;

/// <summary>One event of a bulk publish.</summary>
/// <param name="Id">CloudEvent id, assigned once: consumers drop a second one with the same id.</param>
/// <param name="Type">CloudEvent type.</param>
/// <param name="Json">The data, as JSON text.</param>
/// <param name="TraceParent">W3C traceparent to continue, if any.</param>
public sealed record PublishedEvent(Guid Id, string Type, string Json, string? TraceParent);

/// <summary>
/// The few calls of Dapr's HTTP API that are used here, named as the official SDK names them so that the SDK can take
/// their place. Honours <c>DAPR_HTTP_ENDPOINT</c>, else <c>DAPR_HTTP_PORT</c>; sends <c>DAPR_API_TOKEN</c>.
/// </summary>
public sealed class DaprClient
{
    /// <summary>The pub/sub component's name.</summary>
    public const string PubSub = "marketplace-bus";

    private readonly HttpClient http;

    /// <summary>Reads the sidecar's address and token from the configuration.</summary>
    public DaprClient(HttpClient http, IConfiguration configuration)
    {
        this.http = http;
        http.BaseAddress = new Uri(configuration["DAPR_HTTP_ENDPOINT"] ?? $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}");
        http.Timeout = TimeSpan.FromSeconds(30);
        if (configuration["DAPR_API_TOKEN"] is { Length: > 0 } token)
        {
            http.DefaultRequestHeaders.Add("dapr-api-token", token);
        }
    }

    /// <summary>True when the sidecar can be called (<c>/v1.0/healthz/outbound</c>).</summary>
    public async Task<bool> CheckOutboundHealthAsync(CancellationToken ct)
    {
        try
        {
            using var response = await http.GetAsync("/v1.0/healthz/outbound", ct);
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return false;
        }
    }

    /// <summary>Publishes events to one topic.</summary>
    /// <returns>The ids that the broker accepted; the others are to be published again, with the same ids.</returns>
    public async Task<IReadOnlyCollection<Guid>> BulkPublishEventAsync(string topic, IReadOnlyCollection<PublishedEvent> events, CancellationToken ct)
    {
        var body = new ArrayBufferWriter<byte>(events.Count * 400);
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartArray();
            foreach (var e in events)
            {
                json.WriteStartObject();
                json.WriteString("entryId", e.Id);
                json.WritePropertyName("event");
                json.WriteRawValue(e.Json, skipInputValidation: true);
                json.WriteString("contentType", "application/json");
                json.WriteStartObject("metadata");
                json.WriteString("cloudevent.id", e.Id);
                json.WriteString("cloudevent.type", e.Type);
                if (e.TraceParent is not null)
                {
                    json.WriteString("cloudevent.traceparent", e.TraceParent);
                }

                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        using var content = new ReadOnlyMemoryContent(body.WrittenMemory);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await http.PostAsync($"/v1.0/publish/bulk/{PubSub}/{Uri.EscapeDataString(topic)}", content, ct);
        if (response.IsSuccessStatusCode)
        {
            return events.Select(e => e.Id).ToList();
        }

        var text = await response.Content.ReadAsStringAsync(ct);
        var failed = FailedEntries(text) ?? throw new HttpRequestException($"Publishing to {topic} failed with {(int)response.StatusCode}: {text}");
        return events.Select(e => e.Id).Where(id => !failed.Contains(id)).ToList();
    }

    /// <summary>
    /// Calls another service's method through the sidecars, on behalf of the caller whose <paramref name="authorization"/>
    /// header is passed on.
    /// </summary>
    /// <exception cref="HttpRequestException">The service cannot be reached or refused.</exception>
    public async Task<TResponse> InvokeMethodAsync<TRequest, TResponse>(string appId, string methodName, TRequest data, string? authorization, CancellationToken ct)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1.0/invoke/{appId}/method/{methodName}");
        request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(data, Json.Options));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (authorization is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authorization);
        }

        using var response = await http.SendAsync(request, ct);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"{appId}/{methodName} answered {(int)response.StatusCode}.", null, response.StatusCode);
        }

        return (await JsonSerializer.DeserializeAsync<TResponse>(await response.Content.ReadAsStreamAsync(ct), Json.Options, ct))!;
    }

    private static HashSet<Guid>? FailedEntries(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.TryGetProperty("failedEntries", out var entries)
                ? entries.EnumerateArray().Select(e => e.GetProperty("entryId").GetGuid()).ToHashSet()
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
