using Npgsql;

namespace Marketplace.PaymentSimulator.Storage;

/// <summary>Opens the simulator's database and creates its tables.</summary>
public static class Database
{
    /// <summary>A small pool: the simulator shares one machine with everything else.</summary>
    public static NpgsqlDataSource Open(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            MaxPoolSize = 8,
            MaxAutoPrepare = 30,
            Enlist = false,
            NoResetOnClose = true,
            Options = "-c lock_timeout=5s",
            ApplicationName = "payment-simulator",
        };
        return new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).EnableArrays().EnableJsonTypes().Build();
    }

    /// <summary>Creates what is missing. Several processes may start at once: an advisory lock lets one do the work.</summary>
    public static async Task CreateTablesAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var resource = typeof(Database).Assembly.GetManifestResourceStream(
            typeof(Database).Assembly.GetManifestResourceNames().Single(name => name.EndsWith("001_tables.sql", StringComparison.Ordinal)))!;
        using var reader = new StreamReader(resource);
        var tables = await reader.ReadToEndAsync(ct);

        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(7221001)", connection);
        await command.ExecuteNonQueryAsync(ct);
        command.CommandText = tables;
        await command.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }
}
