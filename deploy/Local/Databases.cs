using Marketplace.LocalPostgres;
using Npgsql;

namespace Marketplace.Local;

/// <summary>The marketplace's databases on one server: one of our own, or one that was given.</summary>
public sealed class Databases : IAsyncDisposable
{
    /// <summary>Every database, one per process that stores anything.</summary>
    public static readonly IReadOnlyList<string> Names = ["catalog", "pooled_orders", "accreditation", "subsidies", "gateway", "sidecar", "payments"];

    private readonly Func<string, string> connectionTo;
    private readonly string prefix;
    private readonly HashSet<string> known = [];

    private Databases(PostgresServer? server, Func<string, string> connectionTo, string prefix)
    {
        Server = server;
        this.connectionTo = connectionTo;
        this.prefix = prefix;
    }

    /// <summary>The server of our own; null when one was given.</summary>
    public PostgresServer? Server { get; }

    /// <summary>True when none of the databases was there before.</summary>
    public bool AreNew { get; private set; }

    /// <summary>Starts or reaches the server.</summary>
    /// <exception cref="CannotStartException">There is no server to be had.</exception>
    public static async Task<Databases> OpenAsync(LocalMarketplaceOptions options, CancellationToken ct)
    {
        Databases databases;
        try
        {
            if (options.Database is { } given)
            {
                databases = new Databases(null, name => new NpgsqlConnectionStringBuilder(given) { Database = name }.ConnectionString, options.DatabasePrefix);
            }
            else
            {
                var settings = new PostgresOptions(options.Ports[Processes.Ports.PostgreSql], options.Durable);
                var server = await PostgresServer.StartAsync(Path.Combine(options.Folder, "postgres"), settings, ct);
                databases = new Databases(server, name => server.ConnectionString(name), options.DatabasePrefix);
            }
        }
        catch (PostgresMissingException e)
        {
            throw new CannotStartException(e.Message);
        }

        try
        {
            await databases.ListAsync(ct);
            return databases;
        }
        catch (Exception e)
        {
            await databases.DisposeAsync();
            throw e is NpgsqlException or ArgumentException ? new CannotStartException($"The database server cannot be used: {e.Message}") : e;
        }
    }

    /// <summary>The connection string of one of <see cref="Names"/>.</summary>
    public string ConnectionString(string name) => connectionTo(prefix + name);

    /// <summary>Creates one of <see cref="Names"/> unless it is there.</summary>
    public async Task CreateAsync(string name, CancellationToken ct)
    {
        if (!known.Add(prefix + name))
        {
            return;
        }

        try
        {
            await using var connection = await ConnectAsync(ct);
            await using var create = new NpgsqlCommand($"create database \"{prefix}{name}\"", connection);
            await create.ExecuteNonQueryAsync(ct);
        }
        catch (NpgsqlException e)
        {
            throw new CannotStartException($"The database {prefix}{name} cannot be created: {e.Message}");
        }
    }

    /// <summary>Drops all databases: for a marketplace that was only wanted once on a server that was given.</summary>
    public async Task DropAsync()
    {
        await using var connection = await ConnectAsync(CancellationToken.None);
        foreach (var name in Names)
        {
            await using var drop = new NpgsqlCommand($"drop database if exists \"{prefix}{name}\" with (force)", connection);
            await drop.ExecuteNonQueryAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }

    private async Task ListAsync(CancellationToken ct)
    {
        await using var connection = await ConnectAsync(ct);
        await using var list = new NpgsqlCommand("select datname from pg_database", connection);
        await using var reader = await list.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            known.Add(reader.GetString(0));
        }

        AreNew = !Names.Any(name => known.Contains(prefix + name));
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionTo("postgres")) { Pooling = false };
        var connection = new NpgsqlConnection(settings.ConnectionString);
        try
        {
            await connection.OpenAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
