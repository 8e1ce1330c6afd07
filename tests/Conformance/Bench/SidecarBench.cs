using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Marketplace.LocalSidecar;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Marketplace.Conformance.Bench;

/// <summary>A sidecar with real HTTP ports and a real database, and what a test needs to talk to it.</summary>
public sealed class SidecarBench : IAsyncDisposable
{
    public const string Component = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: { name: bus }
        spec: { type: pubsub.local-postgres, version: v1, metadata: [] }
        """;

    private readonly Dictionary<string, int> _ports = [];
    private readonly string _resources;
    private readonly List<string> _args = [];
    private WebApplication? _web;

    private SidecarBench(string database, string resources)
    {
        Database = database;
        _resources = resources;
    }

    public string Database { get; }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>The command line; a test that starts the process itself takes it from here.</summary>
    public IReadOnlyList<string> Arguments => _args;

    public static async Task<SidecarBench> CreateAsync(Postgres postgres, string yaml, IEnumerable<(string AppId, int AppPort)> apps, params string[] settings)
    {
        var resources = Path.Combine(Path.GetTempPath(), $"resources-{Guid.NewGuid():N}");
        Directory.CreateDirectory(resources);
        await File.WriteAllTextAsync(Path.Combine(resources, "all.yaml"), yaml);
        var bench = new SidecarBench(await postgres.NewDatabaseAsync(), resources);
        bench._args.AddRange([$"--ConnectionStrings:Database={bench.Database}", $"--Sidecar:ResourcesPath={resources}", .. settings.Select(setting => "--" + setting)]);
        var number = 0;
        foreach (var (appId, appPort) in apps)
        {
            var port = TestApp.FreePort();
            bench._ports[bench._ports.ContainsKey(appId) ? $"{appId}#{number}" : appId] = port;
            bench._args.AddRange([$"--Sidecar:Apps:{number}:AppId={appId}", $"--Sidecar:Apps:{number}:AppPort={appPort}", $"--Sidecar:Apps:{number}:HttpPort={port}"]);
            number++;
        }
        return bench;
    }

    /// <summary>One app called "app", started, and its sidecar, ready to publish.</summary>
    public static async Task<SidecarBench> StartAsync(Postgres postgres, TestApp app, string yaml = Component, params string[] settings)
    {
        await app.StartAsync();
        var bench = await CreateAsync(postgres, yaml, [("app", app.Port)], settings);
        await bench.StartAsync();
        return bench;
    }

    public async Task StartAsync()
    {
        _web = Sidecar.Build([.. _args, "--Logging:LogLevel:Default=None"]);
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

    public string Url(string path, string app = "app") => $"http://127.0.0.1:{_ports[app]}{path}";

    public int Port(string app = "app") => _ports[app];

    public async Task<HttpResponseMessage> PublishAsync(string topic, string body, string? contentType = "application/json", string query = "", string app = "app", string pubsub = "bus")
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null)
            content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        return await Http.PostAsync(Url($"/v1.0/publish/{pubsub}/{topic}{query}", app), content);
    }

    public async Task PublishedAsync(string topic, string body, string? contentType = "application/json", string query = "", string app = "app")
    {
        using var response = await PublishAsync(topic, body, contentType, query, app);
        Assert.Equal(204, (int)response.StatusCode);
    }

    public async Task<JsonElement> GetAsync(string path, string app = "app") => JsonDocument.Parse(await Http.GetStringAsync(Url(path, app))).RootElement;

    public async Task<int> PendingAsync(string app = "app") => (await GetAsync("/v1.0-local/idle", app)).GetProperty("pending").GetInt32();

    public Task IdleAsync(int seconds = 15) => Eventually.TrueAsync(async () => await PendingAsync(_ports.Keys.First()) == 0, () => "there are still unsettled deliveries", seconds);

    /// <summary>Waits until the app has been asked and may be sent messages.</summary>
    public Task SubscribedAsync(string app = "app") =>
        Eventually.TrueAsync(async () => (await GetAsync("/v1.0/metadata", app)).TryGetProperty("subscriptions", out _), () => $"{app} has no subscriptions");

    public async Task<IReadOnlyList<JsonElement>> DeadLettersAsync(string app = "app") =>
        [.. (await GetAsync("/v1.0-local/dead-letters", app)).GetProperty("deadLetters").EnumerateArray()];

    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Database + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        Directory.Delete(_resources, recursive: true);
    }
}
