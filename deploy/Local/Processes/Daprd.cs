using System.Globalization;

namespace Marketplace.Local.Processes;

/// <summary>
/// An installed daprd in the place of the local sidecar, one process per app, with the components of <c>deploy/dapr</c>
/// and a broker that runs on this machine.
/// </summary>
/// <param name="Program">The path of daprd.</param>
/// <param name="Broker"><see cref="RabbitMq"/> or <see cref="Redis"/>.</param>
public sealed record Daprd(string Program, string Broker = Daprd.RabbitMq)
{
    public const string RabbitMq = "rabbitmq";
    public const string Redis = "redis";

    /// <summary>In containers the broker has a name of its own.</summary>
    private const string RedisElsewhere = "value: redis:6379";
    private const string RedisHere = "value: 127.0.0.1:6379";

    /// <summary>What the components ask their secret store for: environment variables of these names, which the caller may set.</summary>
    private static readonly IReadOnlyDictionary<string, string> BrokerSecrets = new Dictionary<string, string>
    {
        [RabbitMq] = "amqp://guest:guest@127.0.0.1:5672/",
        [Redis] = "",
    };

    /// <summary>Refuses what cannot be started.</summary>
    /// <exception cref="CannotStartException">Says what is there instead of a program.</exception>
    public void Check()
    {
        if (Directory.Exists(Program))
        {
            throw new CannotStartException($"{Program} is a folder; --daprd needs the path of the program daprd itself.");
        }

        if (!File.Exists(Program))
        {
            throw new CannotStartException($"There is no daprd at {Program}. Install it (dapr init --slim puts it into ~/.dapr/bin), or leave --daprd out to run with the local sidecar.");
        }

        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Program) & Execute) == 0)
        {
            throw new CannotStartException($"{Program} is not a program that may be executed.");
        }
    }

    /// <summary>
    /// Puts what daprd reads into the run's folder: the resources of the local run with the broker's bus instead of the
    /// local one, and the secret store of a single machine.
    /// </summary>
    /// <returns>The path for <c>--resources-path</c>.</returns>
    public string WriteResources(string folder)
    {
        var resources = Path.Combine(folder, "dapr");
        if (Directory.Exists(resources))
        {
            Directory.Delete(resources, recursive: true);
        }

        Directory.CreateDirectory(resources);
        var deployed = Path.Combine(Checkout.Root, "deploy", "dapr");
        string[] folders = [.. Checkout.DaprResources.Split(Path.PathSeparator), Path.Combine(deployed, "compose"), Path.Combine(deployed, Broker)];
        foreach (var file in folders.SelectMany(from => Directory.GetFiles(from, "*.yaml")))
        {
            File.WriteAllText(Path.Combine(resources, Path.GetFileName(file)), File.ReadAllText(file).Replace(RedisElsewhere, RedisHere, StringComparison.Ordinal));
        }

        return resources;
    }

    /// <summary>How daprd is started for one app.</summary>
    /// <param name="app">The app's process.</param>
    /// <param name="appId">The app's id; replicas share it.</param>
    /// <param name="ports">Who listens where on 127.0.0.1.</param>
    /// <param name="resources">What <see cref="WriteResources"/> returned.</param>
    /// <param name="secrets">Hold the tokens of both directions; they go by environment.</param>
    internal ProcessPlan PlanFor(string app, string appId, Ports ports, string resources, Secrets secrets)
    {
        var sidecar = Ports.SidecarOf(app);
        var inner = Ports.InnerOf(app).Select(name => Number(ports[name])).ToList();
        IReadOnlyList<string> words =
        [
            Path.GetFullPath(Program),
            "--app-id", appId,
            "--app-port", Number(ports[Ports.AppChannelOf(app)]),
            "--app-protocol", "http",
            "--app-channel-address", "127.0.0.1",
            "--dapr-http-port", Number(ports[sidecar]),
            "--dapr-grpc-port", inner[0],
            "--dapr-internal-grpc-port", inner[1],
            "--metrics-port", inner[2],
            "--dapr-listen-addresses", "127.0.0.1",
            "--resources-path", resources,
            "--log-level", "warn",
        ];
        var settings = new Dictionary<string, string>
        {
            ["DAPR_API_TOKEN"] = secrets.DaprApiToken,
            ["APP_API_TOKEN"] = secrets.AppApiToken,
            [Broker] = Environment.GetEnvironmentVariable(Broker) ?? BrokerSecrets[Broker],
        };

        // Green only once the app's port was seen too: what is published before its subscriptions are open, a broker may lose.
        return new ProcessPlan(sidecar, "", null, settings, new Uri(ports.AddressOf(sidecar), "/v1.0/healthz")) { Words = words };
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
