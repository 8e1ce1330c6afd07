using System.Net;
using System.Net.Sockets;

namespace Marketplace.Local.Processes;

/// <summary>The TCP port on 127.0.0.1 of every process, by the name of what listens there.</summary>
public sealed class Ports
{
    public const string Gateway = "gateway";
    public const string GatewayChannel = "gateway's app channel";
    public const string Catalog = "catalog";
    public const string PooledOrders = "pooled-orders";
    public const string Accreditation = "accreditation";
    public const string Subsidies = "subsidies";
    public const string PaymentSimulator = "payment-simulator";
    public const string PostgreSql = "postgresql";

    private readonly IReadOnlyDictionary<string, int> ports;

    private Ports(IReadOnlyDictionary<string, int> ports)
    {
        this.ports = ports;
    }

    /// <summary>The documented ports.</summary>
    /// <param name="gateway">The gateway's port.</param>
    public static Ports Fixed(int gateway = 8080)
    {
        var ports = new Dictionary<string, int>
        {
            [Gateway] = gateway,
            [Catalog] = 5101,
            [PooledOrders] = 5102,
            [Accreditation] = 5103,
            [Subsidies] = 5104,
            [SecondOf(PooledOrders)] = 5105,
            [PaymentSimulator] = 5110,
            [GatewayChannel] = 5100,
            [SidecarOf(Gateway)] = 3500,
            [SidecarOf(Catalog)] = 3501,
            [SidecarOf(PooledOrders)] = 3502,
            [SidecarOf(Accreditation)] = 3503,
            [SidecarOf(Subsidies)] = 3504,
            [SidecarOf(SecondOf(PooledOrders))] = 3505,
            [PostgreSql] = 5433,
        };
        foreach (var (name, n) in ((string[])[Gateway, Catalog, PooledOrders, Accreditation, Subsidies, SecondOf(PooledOrders)]).SelectMany(InnerOf).Select((name, n) => (name, n)))
        {
            ports[name] = 3511 + n;
        }

        return new Ports(ports);
    }

    /// <summary>
    /// Ports that nobody listens on now, below the range that the system gives to outgoing connections: there, another
    /// process's connection could take the port before its owner has started.
    /// </summary>
    public static Ports Free()
    {
        var taken = new Dictionary<string, int>();
        foreach (var name in Fixed().ports.Keys)
        {
            int port;
            do
            {
                port = Random.Shared.Next(10_000, 32_000);
            }
            while (taken.ContainsValue(port) || !IsFree(port));
            taken[name] = port;
        }

        return new Ports(taken);
    }

    /// <summary>Everything that has a port.</summary>
    public IEnumerable<string> Names => ports.Keys;

    /// <summary>The port of what has this name.</summary>
    public int this[string name] => ports[name];

    /// <summary>The base address of what has this name.</summary>
    public Uri AddressOf(string name) => new($"http://127.0.0.1:{ports[name]}");

    /// <summary>The name of a service's sidecar.</summary>
    public static string SidecarOf(string service) => $"sidecar of {service}";

    /// <summary>The names of what else a service's daprd listens on: gRPC for the app, gRPC among daprds, metrics.</summary>
    public static IReadOnlyList<string> InnerOf(string service) => [$"gRPC of {service}'s daprd", $"internal gRPC of {service}'s daprd", $"metrics of {service}'s daprd"];

    /// <summary>Where an app's sidecar delivers: the gateway has a port of its own for that.</summary>
    public static string AppChannelOf(string app) => app == Gateway ? GatewayChannel : app;

    /// <summary>The name of a service's second instance.</summary>
    public static string SecondOf(string service) => $"{service}-2";

    /// <summary>Refuses when one of the ports is taken.</summary>
    /// <exception cref="CannotStartException">Names the port and who wants it.</exception>
    public void Check(IEnumerable<string> names)
    {
        foreach (var name in names.Where(name => !IsFree(ports[name])))
        {
            var remedy = name == Gateway ? "Stop it, or choose another port with --port." : "Stop it, and start again.";
            throw new CannotStartException($"Port {ports[name]}, which {name} wants, is in use by another program. {remedy}");
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
