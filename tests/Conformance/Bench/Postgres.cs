using Marketplace.Conformance.Bench;
using Marketplace.LocalPostgres;

[assembly: AssemblyFixture(typeof(Postgres))]

namespace Marketplace.Conformance.Bench;

/// <summary>One PostgreSQL server for all tests of this assembly; every sidecar gets a database of its own.</summary>
public sealed class Postgres : IAsyncLifetime
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"conformance-{Guid.NewGuid():N}");
    private PostgresServer? _server;
    private int _databases;

    public async ValueTask InitializeAsync() => _server = await PostgresServer.StartAsync(Path.Combine(_folder, "data"), new PostgresOptions(Durable: false));

    public async Task<string> NewDatabaseAsync()
    {
        var name = $"sidecar_{Interlocked.Increment(ref _databases)}";
        await _server!.CreateDatabaseAsync(name);
        return _server.ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
