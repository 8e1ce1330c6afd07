using Marketplace.Local.Processes;

namespace Marketplace.Local;

/// <summary>How a marketplace is run on this machine.</summary>
public sealed record LocalMarketplaceOptions
{
    /// <summary>Where its data, logs, secrets and clock are; PostgreSQL's unprivileged user must be able to enter it.</summary>
    public required string Folder { get; init; }

    /// <summary>Who listens where.</summary>
    public Ports Ports { get; init; } = Ports.Fixed();

    /// <summary>An Npgsql connection string, without a database, of a server to use; null for one of our own.</summary>
    public string? Database { get; init; }

    /// <summary>Put before the name of each database.</summary>
    public string DatabasePrefix { get; init; } = "";

    /// <summary>False: PostgreSQL does not wait for the disk. For marketplaces that are thrown away.</summary>
    public bool Durable { get; init; } = true;

    /// <summary>The sidecar delivers every message twice and in random order.</summary>
    public bool Chaos { get; init; }

    /// <summary>An installed daprd instead of the local sidecar; null for the latter.</summary>
    public Daprd? Daprd { get; init; }

    /// <summary>False switches off the gateway's rate limits, for load from one address.</summary>
    public bool RateLimits { get; init; } = true;

    /// <summary>Instances of PooledOrders, 1 or 2, on one database and one app-id.</summary>
    public int PooledOrdersInstances { get; init; } = 1;

    /// <summary>Further environment variables by process name; they win over the usual ones.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Settings { get; init; } = new Dictionary<string, IReadOnlyDictionary<string, string>>();
}
