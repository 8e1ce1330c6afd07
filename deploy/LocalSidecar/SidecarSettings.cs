using System.Globalization;

namespace Marketplace.LocalSidecar;

/// <summary>One app served by this process: daprd's --app-id, --app-port, --dapr-http-port and --app-health-check-path.</summary>
/// <param name="AppPort">The app's HTTP port on 127.0.0.1; 0 for an app that only publishes.</param>
/// <param name="HttpPort">The port on 127.0.0.1 where this app finds its sidecar.</param>
/// <param name="HealthCheckPath">Turns the app health check on (wire contract §5).</param>
public sealed record AppSettings(string AppId, int AppPort, int HttpPort, string? HealthCheckPath = null);

/// <summary>Faults that a broker may show at any time, made frequent for tests.</summary>
/// <param name="Copies">How many times each message is delivered; 1 is off.</param>
/// <param name="MaxDelay">Upper bound of a random delay before each delivery; zero is off.</param>
public sealed record ChaosSettings(int Copies, TimeSpan MaxDelay);

/// <summary>What the process is told by environment and command line; see <see cref="Read"/> for the keys.</summary>
public sealed record SidecarSettings(string Database, IReadOnlyList<AppSettings> Apps)
{
    public string? ResourcesPath { get; init; }

    /// <summary>Callers must send it as dapr-api-token; null asks for none.</summary>
    public string? ApiToken { get; init; }

    /// <summary>Sent to the apps as dapr-api-token; null sends none.</summary>
    public string? AppApiToken { get; init; }

    public ChaosSettings Chaos { get; init; } = new(1, TimeSpan.Zero);

    /// <summary>How long a publish waits for apps that were never seen before it is refused.</summary>
    public TimeSpan PublishWait { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long deliveries in flight may take to end after SIGTERM.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Deliveries in flight per app.</summary>
    public int MaxConcurrency { get; init; } = 16;

    public TimeSpan HealthInterval { get; init; } = TimeSpan.FromSeconds(5);
    public TimeSpan HealthTimeout { get; init; } = TimeSpan.FromMilliseconds(500);
    public int HealthThreshold { get; init; } = 3;

    public static SidecarSettings Read(IConfiguration configuration)
    {
        var database = configuration["ConnectionStrings:Database"];
        if (string.IsNullOrEmpty(database))
            throw new InvalidOperationException("ConnectionStrings:Database is not set");

        var apps = configuration.GetSection("Sidecar:Apps").GetChildren().Select(ReadApp).ToList();
        if (apps.Count == 0)
            throw new InvalidOperationException("Sidecar:Apps is empty");
        if (apps.Select(app => app.HttpPort).Distinct().Count() != apps.Count)
            throw new InvalidOperationException("Sidecar:Apps: two apps have the same HttpPort");

        return new SidecarSettings(database, apps)
        {
            ResourcesPath = configuration["Sidecar:ResourcesPath"],
            ApiToken = NullIfEmpty(configuration["DAPR_API_TOKEN"]),
            AppApiToken = NullIfEmpty(configuration["APP_API_TOKEN"]),
            Chaos = new ChaosSettings(
                SwitchOrNumber(configuration, "Sidecar:Chaos:Duplicate", off: 1, on: 2),
                TimeSpan.FromMilliseconds(SwitchOrNumber(configuration, "Sidecar:Chaos:Reorder", off: 0, on: 300))),
            PublishWait = Milliseconds(configuration, "Sidecar:PublishWaitMs", 5_000),
            Drain = Milliseconds(configuration, "Sidecar:DrainMs", 20_000),
            MaxConcurrency = Number(configuration, "Sidecar:MaxConcurrency", 16),
            HealthInterval = Milliseconds(configuration, "Sidecar:HealthProbe:IntervalMs", 5_000),
            HealthTimeout = Milliseconds(configuration, "Sidecar:HealthProbe:TimeoutMs", 500),
            HealthThreshold = Number(configuration, "Sidecar:HealthProbe:Threshold", 3),
        };
    }

    private static AppSettings ReadApp(IConfigurationSection app) => new(
        NullIfEmpty(app["AppId"]) ?? throw new InvalidOperationException($"{app.Path}:AppId is not set"),
        Number(app, "AppPort", 0),
        Number(app, "HttpPort", null),
        NullIfEmpty(app["HealthCheckPath"]));

    private static int SwitchOrNumber(IConfiguration configuration, string key, int off, int on) =>
        bool.TryParse(configuration[key], out var isOn) ? (isOn ? on : off) : Number(configuration, key, off);

    private static TimeSpan Milliseconds(IConfiguration configuration, string key, int otherwise) =>
        TimeSpan.FromMilliseconds(Number(configuration, key, otherwise));

    private static int Number(IConfiguration configuration, string key, int? otherwise)
    {
        var text = NullIfEmpty(configuration[key]);
        if (text is null && otherwise is { } value)
            return value;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new InvalidOperationException($"{key} is not a number: '{text}'");
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
