using Npgsql;

namespace Marketplace.LocalSidecar.Storage;

/// <summary>The sidecar's own database: tables, connections, and the claim to be the only sidecar on it.</summary>
internal sealed class Database : IAsyncDisposable
{
    // Arbitrary numbers, the same in every sidecar.
    private const long MigrationLock = 0x5EDA_0001;
    private const long OwnerLock = 0x5EDA_0002;
    private const string EndAllLeases = "update sidecar.delivery set visible_at = now() where visible_at > now()";

    private readonly ILogger _log;
    private readonly CancellationTokenSource _stopped = new();
    private NpgsqlConnection? _owner;
    private Task _watch = Task.CompletedTask;

    public Database(string connectionString, ILogger log)
    {
        _log = log;
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = "local-sidecar",
            MinPoolSize = 0,
            MaxPoolSize = 8,
            MaxAutoPrepare = 20,
            Enlist = false,
            NoResetOnClose = true,
            // The queue is empty most of the time. A plan made then would scan the whole table, and would still be used when it is full.
            Options = "-c enable_seqscan=off -c plan_cache_mode=force_custom_plan",
        };
        Source = new NpgsqlSlimDataSourceBuilder(settings.ConnectionString).EnableArrays().Build();
    }

    public NpgsqlDataSource Source { get; }

    /// <summary>
    /// Creates the tables and waits until no other sidecar holds the database. From then on every leased row is a leftover of a
    /// process that is gone, so all of them become due at once.
    /// </summary>
    public async Task OpenAsync(CancellationToken ct)
    {
        _owner = await Source.OpenConnectionAsync(ct);
        await TakeOwnershipAsync(_owner, ct);

        using var script = new StreamReader(typeof(Database).Assembly.GetManifestResourceStream("Marketplace.LocalSidecar.Storage.001_tables.sql")!);
        await using var connection = await Source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var migrate = new NpgsqlCommand(
            $"""
            set local client_min_messages = warning;
            select pg_advisory_xact_lock({MigrationLock});
            {await script.ReadToEndAsync(ct)}
            {EndAllLeases};
            """, connection, transaction);
        await migrate.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
        _watch = WatchOwnershipAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopped.CancelAsync();
        await _watch;
        if (_owner is not null)
            await _owner.DisposeAsync();
        await Source.DisposeAsync();
        _stopped.Dispose();
    }

    private async Task TakeOwnershipAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var take = new NpgsqlCommand($"select pg_try_advisory_lock({OwnerLock})", connection);
        for (var attempt = 0; !(bool)(await take.ExecuteScalarAsync(ct))!; attempt++)
        {
            if (attempt % 50 == 0)
                _log.LogWarning("Another sidecar uses this database; waiting until it has stopped");
            await Task.Delay(100, ct);
        }
    }

    // The lock goes with its connection, for instance when the server restarts: then it is taken again. Claims whose answer was lost
    // with the server are freed; a message in flight may then arrive twice, which at-least-once allows.
    private async Task WatchOwnershipAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(5), _stopped.Token);
                if (_owner!.FullState != System.Data.ConnectionState.Open)
                {
                    await _owner.DisposeAsync();
                    _owner = await Source.OpenConnectionAsync(_stopped.Token);
                    await TakeOwnershipAsync(_owner, _stopped.Token);
                    await using var free = new NpgsqlCommand(EndAllLeases, _owner);
                    await free.ExecuteNonQueryAsync(_stopped.Token);
                }
                await using var alive = new NpgsqlCommand("select 1", _owner);
                await alive.ExecuteScalarAsync(_stopped.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception problem) when (problem is NpgsqlException or InvalidOperationException)
            {
                _log.LogWarning("The database does not answer: {Problem}", problem.Message);
            }
        }
    }
}
