using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Marketplace.Gateway.Tests;

/// <summary>An HTTP server that tells what reached it, for asking what the gateway forwards.</summary>
public sealed class Upstream : IAsyncDisposable
{
    private readonly WebApplication app;

    private Upstream(WebApplication app) => this.app = app;

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    public ConcurrentQueue<(string Path, string? Token)> ClockCalls { get; } = new();

    public int Requests;

    public bool ClockFails { get; set; }

    /// <summary>Lets the second event of the stream go.</summary>
    public TaskCompletionSource SecondEvent { get; private set; } = new();

    public static async Task<Upstream> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(k => k.Limits.MaxRequestBodySize = 100 << 20);
        var app = builder.Build();
        var upstream = new Upstream(app);
        app.MapGet("/health/ready", () => Results.Json(new { database = true, sidecar = false }, statusCode: 503));
        app.MapGet("/openapi.json", () => Results.Text(OpenApi, "application/json"));
        app.MapPost("/local/clock", (HttpContext context) =>
        {
            upstream.ClockCalls.Enqueue((context.Request.Path, context.Request.Headers["dapr-api-token"]));
            return upstream.ClockFails ? Results.StatusCode(500) : Results.Ok();
        });
        app.MapGet("/api/catalog/stream", upstream.StreamAsync);
        app.MapFallback("{**path}", upstream.TellAsync);
        await app.StartAsync();
        return upstream;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    private async Task TellAsync(HttpContext context)
    {
        Interlocked.Increment(ref Requests);
        var size = 0L;
        var buffer = new byte[1 << 16];
        for (int read; (read = await context.Request.Body.ReadAsync(buffer)) > 0;)
        {
            size += read;
        }

        context.Response.Headers.ETag = "\"7\"";
        context.Response.StatusCode = 201;
        await context.Response.WriteAsJsonAsync(new
        {
            method = context.Request.Method,
            path = context.Request.Path.ToUriComponent(),
            query = context.Request.QueryString.Value,
            headers = context.Request.Headers.ToDictionary(h => h.Key.ToLowerInvariant(), h => h.Value.ToString()),
            size,
            protocol = context.Request.Protocol,
        });
    }

    private async Task StreamAsync(HttpContext context)
    {
        SecondEvent = new TaskCompletionSource();
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync("event: pool\ndata: 1\n\n");
        await context.Response.Body.FlushAsync();
        await SecondEvent.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await context.Response.WriteAsync("event: pool\ndata: 2\n\n");
    }

    private const string OpenApi = """
        {
          "openapi": "3.1.1",
          "paths": {
            "/api/catalog/packs/{id}": {
              "put": {
                "summary": "Changes <b>a</b> pack",
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Pack" } } } },
                "responses": { "200": { "description": "OK", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Pack" } } } } }
              }
            }
          },
          "components": {
            "schemas": {
              "Pack": { "type": "object", "required": ["name"], "properties": { "name": { "type": "string" }, "tiers": { "type": ["null", "array"], "items": { "$ref": "#/components/schemas/Tier" } }, "parent": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Pack" }] } } },
              "Tier": { "type": "object", "properties": { "minQuantity": { "type": "integer", "format": "int32" } } }
            }
          }
        }
        """;
}
