using System.Text.Json;
using Marketplace.Gateway.Proxy;
using Marketplace.Gateway.Sidecar;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Hosting;
using Marketplace.Platform.Requests;
using Npgsql;

namespace Marketplace.Gateway.Status;

/// <summary>The gateway's view of everybody's readiness, asked at once. Always 200: the body tells.</summary>
public sealed class ShowStatus : IEndpoint
{
    /// <summary>For <see cref="IHttpClientFactory"/>: short calls to the services, for health and documentation.</summary>
    public const string Client = "neighbours";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <param name="Status"><c>ok</c> when all are ready and all sidecars answer, else <c>degraded</c>.</param>
    /// <param name="Gateway">This process.</param>
    /// <param name="Services">By name.</param>
    public sealed record Overview(string Status, Readiness Gateway, IReadOnlyDictionary<string, Readiness> Services);

    /// <param name="Ready">It says so itself.</param>
    /// <param name="Database">Its database answers; null when it could not be asked.</param>
    /// <param name="Sidecar">Its sidecar answers; null when it could not be asked or has none.</param>
    /// <param name="LatencyMs">Milliseconds to its answer (of the slowest, when it has several instances).</param>
    public sealed record Readiness(bool Ready, bool? Database, bool? Sidecar, long LatencyMs);

    public static void Map(IEndpointRouteBuilder routes) => routes
        .MapGet("/api/status", async (IHttpClientFactory clients, IConfiguration configuration, NpgsqlDataSource source, SidecarHealth sidecar, CancellationToken ct) =>
        {
            using var http = clients.CreateClient(Client);
            var asked = Neighbour.All.Select(async n => (n.Name, Readiness: await OfAsync(http, n.Addresses(configuration), ct))).ToList();
            var ownSidecar = sidecar.AskAsync(ct);
            var start = TimeProvider.System.GetTimestamp();
            var database = await ServiceHost.DatabaseAnswersAsync(source, ct);
            var gateway = new Readiness(database, database, null, (long)TimeProvider.System.GetElapsedTime(start).TotalMilliseconds) with { Sidecar = await ownSidecar };
            var services = (await Task.WhenAll(asked)).ToDictionary(s => s.Name, s => s.Readiness);
            return Answer.Ok(new Overview(gateway is { Ready: true, Sidecar: not false } && services.Values.All(s => s.Ready) ? "ok" : "degraded", gateway, services));
        })
        .WithTags("Status")
        .WithSummary("Which services are ready.")
        .Produces<Overview>();

    private static async Task<Readiness> OfAsync(HttpClient http, IReadOnlyList<Uri> instances, CancellationToken ct)
    {
        if (instances.Count == 0)
        {
            return new Readiness(false, null, null, 0);
        }

        var all = await Task.WhenAll(instances.Select(i => AskAsync(http, i, ct)));
        return new Readiness(all.All(r => r.Ready), All(all.Select(r => r.Database)), All(all.Select(r => r.Sidecar)), all.Max(r => r.LatencyMs));
    }

    private static async Task<Readiness> AskAsync(HttpClient http, Uri instance, CancellationToken ct)
    {
        var start = TimeProvider.System.GetTimestamp();
        long Elapsed() => (long)TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(ct);
        patience.CancelAfter(Patience);
        try
        {
            using var response = await http.GetAsync(new Uri(instance, "/health/ready"), patience.Token);
            using var body = JsonDocument.Parse(await response.Content.ReadAsStringAsync(patience.Token));
            return new Readiness(response.IsSuccessStatusCode, Flag(body.RootElement, "database"), Flag(body.RootElement, "sidecar"), Elapsed());
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return new Readiness(false, null, null, Elapsed());
        }
    }

    private static bool? All(IEnumerable<bool?> flags) => flags.Aggregate((a, b) => a is null || b is null ? null : a.Value && b.Value);

    private static bool? Flag(JsonElement body, string name) =>
        body.ValueKind == JsonValueKind.Object && body.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean() : null;
}
