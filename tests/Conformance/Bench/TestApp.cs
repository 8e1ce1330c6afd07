using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Marketplace.Conformance.Bench;

/// <summary>A request as the app got it.</summary>
public sealed record Received(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public JsonElement Event => JsonDocument.Parse(Body).RootElement;

    public string EventId => Event.GetProperty("id").GetString()!;
}

/// <summary>What the app answers; a null body is an empty one.</summary>
public sealed record Reply(int Status = 200, string? Body = null, string ContentType = "application/json")
{
    public static readonly Reply Ok = new();
}

/// <summary>An app on Kestrel whose subscriptions and answers a test decides.</summary>
public sealed class TestApp : IAsyncDisposable
{
    private readonly ConcurrentQueue<Received> _received = new();
    private WebApplication? _web;

    public TestApp(string subscriptions = "[]")
    {
        Subscriptions = subscriptions;
        Port = FreePort();
    }

    public int Port { get; }

    /// <summary>The answer to GET /dapr/subscribe.</summary>
    public string Subscriptions { get; set; }

    public int SubscribeStatus { get; set; } = 200;

    public int HealthStatus { get; set; } = 200;

    /// <summary>How long the app's server keeps an idle connection.</summary>
    public TimeSpan KeepAlive { get; set; } = TimeSpan.FromSeconds(130);

    public Func<Received, Task<Reply>> OnRequest { get; set; } = _ => Task.FromResult(Reply.Ok);

    /// <summary>Requests other than discovery and health, in order of arrival.</summary>
    public IReadOnlyList<Received> Requests => [.. _received];

    public ConcurrentQueue<Received> Discoveries { get; } = new();

    public ConcurrentQueue<Received> HealthProbes { get; } = new();

    public static int FreePort()
    {
        // The bench hands out ports below the ephemeral range, so that no outgoing connection takes one meanwhile.
        while (true)
        {
            var port = Interlocked.Increment(ref _nextPort);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
            }
        }
    }

    private static int _nextPort = 20_000 + Environment.ProcessId % 5_000;

    public async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            kestrel.Listen(IPAddress.Loopback, Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        _web = builder.Build();
        _web.Run(AnswerAsync);
        await _web.StartAsync();
    }

    public async Task StopAsync()
    {
        if (_web is null)
            return;
        await _web.StopAsync();
        await _web.DisposeAsync();
        _web = null;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    /// <summary>Waits until the app has got that many requests.</summary>
    public async Task<IReadOnlyList<Received>> WaitForAsync(int count, int seconds = 10)
    {
        await Eventually.TrueAsync(() => Requests.Count >= count, () => $"{Requests.Count} of {count} requests came: {string.Join(", ", Requests.Select(one => one.Path))}", seconds);
        return Requests;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var received = new Received(
            context.Request.Method, context.Request.Path.Value!, context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(header => header.Key.ToLowerInvariant(), header => header.Value.ToString()),
            await reader.ReadToEndAsync());
        Reply reply;
        if (received.Path == "/dapr/subscribe")
        {
            Discoveries.Enqueue(received);
            reply = new Reply(SubscribeStatus, Subscriptions);
        }
        else if (received.Path == "/health")
        {
            HealthProbes.Enqueue(received);
            reply = new Reply(HealthStatus);
        }
        else
        {
            _received.Enqueue(received);
            reply = await OnRequest(received);
        }
        context.Response.StatusCode = reply.Status;
        if (reply.Body is not null)
        {
            context.Response.ContentType = reply.ContentType;
            await context.Response.WriteAsync(reply.Body);
        }
    }
}
