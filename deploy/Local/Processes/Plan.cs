using System.Globalization;

namespace Marketplace.Local.Processes;

/// <summary>Which processes there are, and what each is told. Secrets go by environment only.</summary>
internal sealed class Plan(LocalMarketplaceOptions options, Secrets secrets, Func<string, string> connectionString)
{
    private readonly Ports ports = options.Ports;

    /// <summary>The clock that all processes share: a file with the seconds that it is ahead.</summary>
    public static string ClockFile(string folder) => Path.Combine(folder, "clock");

    /// <summary>The gateway; the services; the payment simulator; the sidecar: in the order in which they are stopped.</summary>
    public IReadOnlyList<IReadOnlyList<ProcessPlan>> Stages() => [[Gateway()], Services().ToList(), [PaymentSimulator()], Sidecars()];

    /// <summary>The names of the ports that will be listened on.</summary>
    public static IEnumerable<string> PortsOf(LocalMarketplaceOptions options)
    {
        var services = ServiceNames(options).ToList();
        return services.Append(Ports.Gateway).SelectMany(app => new[] { app, Ports.SidecarOf(app) }).Append(Ports.GatewayChannel).Append(Ports.PaymentSimulator)
            .Concat(options.Daprd is null ? [] : services.Append(Ports.Gateway).SelectMany(Ports.InnerOf))
            .Concat(options.Database is null ? [Ports.PostgreSql] : []);
    }

    private IEnumerable<string> PooledOrders => ServiceNames(options).Where(name => name.StartsWith(Ports.PooledOrders, StringComparison.Ordinal));

    private static IEnumerable<string> ServiceNames(LocalMarketplaceOptions options) =>
        ((string[])[Ports.Catalog, Ports.PooledOrders, Ports.Accreditation, Ports.Subsidies])
        .Concat(options.PooledOrdersInstances > 1 ? [Ports.SecondOf(Ports.PooledOrders)] : []);

    private ProcessPlan Gateway() => Process(Ports.Gateway, "gateway/Gateway", "gateway", "/health/ready", new()
    {
        ["Identity__PrivateKey"] = secrets.IdentityKey,
        ["AppChannel__Port"] = Number(ports[Ports.GatewayChannel]),
        ["DAPR_HTTP_PORT"] = Number(ports[Ports.SidecarOf(Ports.Gateway)]),
        ["Services__Catalog"] = Address(Ports.Catalog),
        ["Services__PooledOrders"] = string.Join(',', PooledOrders.Select(Address)),
        ["Services__Accreditation"] = Address(Ports.Accreditation),
        ["Services__Subsidies"] = Address(Ports.Subsidies),
        ["LocalClock__Followers"] = string.Join(',', ServiceNames(options).Append(Ports.PaymentSimulator).Select(Address)),
        ["RateLimits__Enabled"] = options.RateLimits ? "true" : "false",
        ["PublicAddress"] = Address(Ports.Gateway),
        ["Portal__TestCards"] = "true",
        ["Mail__Console"] = "true",
        ["MARKETPLACE_ADMIN_EMAIL"] = secrets.AdminEmail,
        ["MARKETPLACE_ADMIN_PASSWORD"] = secrets.AdminPassword,
    });

    private IEnumerable<ProcessPlan> Services()
    {
        yield return Service(Ports.Catalog, "services/Catalog", "catalog");
        yield return Service(Ports.Accreditation, "services/Accreditation", "accreditation");
        yield return Service(Ports.Subsidies, "services/Subsidies", "subsidies", new()
        {
            ["Town__Name"] = ExampleTown.Name,
            ["Town__Siret"] = ExampleTown.Siret,
            ["Payments__Debtor__Name"] = ExampleTown.Name,
            ["Payments__Debtor__Iban"] = ExampleTown.Iban,
            ["Payments__Debtor__Bic"] = ExampleTown.Bic,
        });
        foreach (var name in PooledOrders)
        {
            yield return Service(name, "services/PooledOrders", "pooled_orders", new()
            {
                ["Stripe__SecretKey"] = secrets.StripeSecretKey,
                ["Stripe__BaseAddress"] = Address(Ports.PaymentSimulator),
                ["Stripe__WebhookSecret"] = secrets.StripeWebhookSecret,
                ["PublicAddress"] = Address(Ports.Gateway),
            });
        }
    }

    private ProcessPlan Service(string name, string project, string database, Dictionary<string, string>? settings = null) =>
        Process(name, project, database, "/health/ready", new(settings ?? [])
        {
            ["DAPR_HTTP_PORT"] = Number(ports[Ports.SidecarOf(name)]),
            ["Identity__PublicKey"] = secrets.IdentityPublicKey,
        });

    private ProcessPlan PaymentSimulator() => Process(Ports.PaymentSimulator, "deploy/PaymentSimulator", "payments", "/health", new()
    {
        ["Simulator__Webhook__Url"] = Address(Ports.Gateway) + "/api/webhooks/stripe",
        ["Simulator__Webhook__Secret"] = secrets.StripeWebhookSecret,
    });

    private IReadOnlyList<ProcessPlan> Sidecars()
    {
        if (options.Daprd is not { } daprd)
        {
            return [Sidecar()];
        }

        var resources = daprd.WriteResources(options.Folder);
        return [.. ServiceNames(options).Append(Ports.Gateway).Select(app => daprd.PlanFor(app, AppIdOf(app), ports, resources, secrets))];
    }

    private static string AppIdOf(string app) => app == Ports.SecondOf(Ports.PooledOrders) ? Ports.PooledOrders : app;

    private ProcessPlan Sidecar()
    {
        var settings = new Dictionary<string, string> { ["Sidecar__ResourcesPath"] = Checkout.DaprResources };
        foreach (var (app, n) in ServiceNames(options).Append(Ports.Gateway).Select((app, n) => (app, n)))
        {
            settings[$"Sidecar__Apps__{n}__AppId"] = AppIdOf(app);
            settings[$"Sidecar__Apps__{n}__AppPort"] = Number(ports[Ports.AppChannelOf(app)]);
            settings[$"Sidecar__Apps__{n}__HttpPort"] = Number(ports[Ports.SidecarOf(app)]);
        }

        if (options.Chaos)
        {
            settings["Sidecar__Chaos__Duplicate"] = "true";
            settings["Sidecar__Chaos__Reorder"] = "true";
        }

        return Process("sidecar", "deploy/LocalSidecar", "sidecar", "/v1.0/healthz/outbound", settings, Ports.SidecarOf(Ports.Catalog), listens: false);
    }

    private ProcessPlan Process(
        string name, string project, string database, string readyAt, Dictionary<string, string> settings, string? port = null, bool listens = true)
    {
        settings["ConnectionStrings__Database"] = connectionString(database);
        settings["LocalClock__File"] = ClockFile(options.Folder);
        settings["APP_API_TOKEN"] = secrets.AppApiToken;
        settings["DAPR_API_TOKEN"] = secrets.DaprApiToken;
        settings["Logging__LogLevel__Default"] = "Warning";
        settings["DOTNET_TieredPGO"] = "0";

        // Eight processes on a small machine: no thread spins while it waits for work, and code is compiled into memory
        // that is mapped once.
        settings["DOTNET_ThreadPool_UnfairSemaphoreSpinLimit"] = "0";
        settings["DOTNET_EnableWriteXorExecute"] = "0";
        settings["DOTNET_SHUTDOWNTIMEOUTSECONDS"] = "5";
        if (listens)
        {
            settings["ASPNETCORE_URLS"] = Address(name);
        }

        foreach (var (key, value) in options.Settings.GetValueOrDefault(name, new Dictionary<string, string>()))
        {
            settings[key] = value;
        }

        return new ProcessPlan(name, project, database, settings, new Uri(ports.AddressOf(port ?? name), readyAt));
    }

    private string Address(string name) => $"http://127.0.0.1:{Number(ports[name])}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
