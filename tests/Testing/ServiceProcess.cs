using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Dapper;
using Marketplace.LocalPostgres;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Testing;

/// <summary>An answer over HTTP: status, headers and the JSON body (undefined when there is none).</summary>
public sealed record HttpAnswer(HttpStatusCode Status, HttpResponseHeaders Headers, JsonElement Body)
{
    /// <summary>The slug of a problem answer.</summary>
    public string? Problem => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("type", out var type) ? type.GetString()?.Split(':')[^1] : null;
}

/// <summary>
/// A service as a real process on its own database, driven over HTTP as the gateway would, with facts delivered as its
/// sidecar would. What it publishes stays in its outbox and fact tables, where tests read it.
/// </summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    /// <summary>The token a sidecar presents.</summary>
    public const string AppToken = "app-token-of-the-test";

    private readonly Process process;
    private readonly StringBuilder output = new();
    private readonly string? clockFile;

    private ServiceProcess(Process process, Uri address, string connectionString, TestIdentity identity, string? clockFile)
    {
        this.process = process;
        this.clockFile = clockFile;
        Identity = identity;
        ConnectionString = connectionString;
        // Without cookies: what one test chooses (a language, a session) must not reach the next.
        Http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = address, Timeout = TimeSpan.FromSeconds(60) };
    }

    /// <summary>A client without a token.</summary>
    public HttpClient Http { get; }

    /// <summary>Who signs tokens for it.</summary>
    public TestIdentity Identity { get; }

    /// <summary>Where its sidecar delivers, where that is not its one port.</summary>
    public Uri? AppChannel { get; private init; }

    /// <summary>Its database.</summary>
    public string ConnectionString { get; }

    /// <summary>The operating system's number of the process.</summary>
    public int ProcessId => process.Id;

    /// <summary>What the process printed so far.</summary>
    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>
    /// Starts <c>services/&lt;project&gt;</c> (or another folder below the repository) and waits until it is live.
    /// A second instance on the same database: pass the first one's <see cref="ConnectionString"/> and identity.
    /// </summary>
    public static async Task<ServiceProcess> StartAsync(string projectFolder, string connectionString, TestIdentity? identity = null, IReadOnlyDictionary<string, string>? settings = null, string live = "/health/live")
    {
        identity ??= new TestIdentity();
        var port = PostgresServer.FreePort();
        var clock = Path.GetTempFileName();
        File.WriteAllText(clock, "0");
        var name = Path.GetFileName(projectFolder);
        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var dll = Path.Combine(Repository.Root, projectFolder, "bin", configuration, "net10.0", name + ".dll");
        var start = new ProcessStartInfo("dotnet", [dll]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetDirectoryName(dll)! };
        var environment = new Dictionary<string, string>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["ConnectionStrings__Database"] = connectionString,
            ["Identity__PublicKey"] = identity.PublicKey,
            ["APP_API_TOKEN"] = AppToken,
            ["DAPR_HTTP_PORT"] = "1",
            ["LocalClock__File"] = clock,
        };
        foreach (var (key, value) in environment.Concat(settings ?? new Dictionary<string, string>()))
        {
            start.Environment[key] = value;
        }

        var service = new ServiceProcess(Process.Start(start)!, new Uri($"http://127.0.0.1:{port}"), connectionString, identity, clock)
        {
            AppChannel = settings?.GetValueOrDefault("AppChannel__Port") is { } channel ? new Uri($"http://127.0.0.1:{channel}") : null,
        };
        service.process.OutputDataReceived += service.Keep;
        service.process.ErrorDataReceived += service.Keep;
        service.process.BeginOutputReadLine();
        service.process.BeginErrorReadLine();
        var patience = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var answer = await service.Http.GetAsync(live);
                if (answer.IsSuccessStatusCode)
                {
                    return service;
                }
            }
            catch (HttpRequestException) when (!service.process.HasExited && patience.Elapsed < TimeSpan.FromSeconds(60))
            {
                await Task.Delay(50);
                continue;
            }
            catch (HttpRequestException)
            {
            }

            var printed = service.Output;
            await service.DisposeAsync();
            throw new InvalidOperationException($"{projectFolder} did not start: {printed}");
        }
    }

    /// <summary>Sends JSON (an object to serialise, or a string sent as it is) and reads the answer.</summary>
    public async Task<HttpAnswer> SendAsync(HttpMethod method, string path, object? body = null, string? token = null, string? idempotencyKey = null, string? ifMatch = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body as string ?? JsonSerializer.Serialize(body, Json.Options), Encoding.UTF8, "application/json");
        }

        if (token is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        if (ifMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        }

        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new HttpAnswer(response.StatusCode, response.Headers, text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text));
    }

    /// <summary>GET.</summary>
    public Task<HttpAnswer> GetAsync(string path, string? token = null) => SendAsync(HttpMethod.Get, path, token: token);

    /// <summary>POST.</summary>
    public Task<HttpAnswer> PostAsync(string path, object? body, string? token, string? idempotencyKey = null) => SendAsync(HttpMethod.Post, path, body, token, idempotencyKey);

    /// <summary>Delivers a fact as the sidecar would (single delivery, or the bulk envelope when <paramref name="bulk"/>).</summary>
    public async Task<HttpStatusCode> DeliverAsync(object fact, Guid? eventId = null, bool bulk = false)
    {
        var id = (eventId ?? Guid.CreateVersion7()).ToString();
        var topic = FactName.Of(fact.GetType());
        object cloudEvent = new { id, type = topic, source = "test", specversion = "1.0", datacontenttype = "application/json", topic, data = fact };
        object body = bulk ? new { id = Guid.NewGuid(), entries = new[] { new { entryId = "1", @event = cloudEvent } } } : cloudEvent;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(AppChannel ?? Http.BaseAddress!, $"/events/{topic}"));
        request.Content = new StringContent(JsonSerializer.Serialize(body, Json.Options), Encoding.UTF8, bulk ? "application/json" : "application/cloudevents+json");
        request.Headers.Add("dapr-api-token", AppToken);
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return text.Contains("RETRY", StringComparison.Ordinal) ? HttpStatusCode.InternalServerError : response.StatusCode;
    }

    /// <summary>The facts of one type that the service recorded, oldest first.</summary>
    public async Task<IReadOnlyList<T>> FactsAsync<T>(Guid? streamId = null)
    {
        await using var db = new NpgsqlConnection(ConnectionString);
        var rows = await db.QueryAsync<string>(
            "select data::text from fact where type = @type and (@streamId::uuid is null or stream_id = @streamId) order by sequence",
            new { type = FactName.Of(typeof(T)), streamId });
        return rows.Select(r => JsonSerializer.Deserialize<T>(r, Json.Options)!).ToList();
    }

    /// <summary>Moves the service's clock forward and lets it do what has become due.</summary>
    public async Task AdvanceClockAsync(TimeSpan by)
    {
        var offset = long.Parse(await File.ReadAllTextAsync(clockFile!)) + (long)by.TotalSeconds;
        await File.WriteAllTextAsync(clockFile!, $"{offset}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/local/clock");
        request.Headers.Add("dapr-api-token", AppToken);
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    /// <summary>Ends the process at once, as a crash would.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        process.Dispose();
        Http.Dispose();
        if (clockFile is not null)
        {
            File.Delete(clockFile);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output)
        {
            output.AppendLine(line.Data);
        }
    }
}

/// <summary>The checkout that the tests run in.</summary>
public static class Repository
{
    /// <summary>The folder that holds <c>Marketplace.sln</c>.</summary>
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside a checkout.");
    }
}
