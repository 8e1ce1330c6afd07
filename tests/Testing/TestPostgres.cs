using Marketplace.LocalPostgres;
using Xunit;

namespace Marketplace.Testing;

/// <summary>
/// One PostgreSQL server per test assembly, in a temporary folder. Declare it once:
/// <c>[assembly: AssemblyFixture(typeof(TestPostgres))]</c>, and take it in the constructor of a test class or fixture.
/// </summary>
public sealed class TestPostgres : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("marketplace-test-").FullName;
    private PostgresServer? server;

    /// <summary>The running server.</summary>
    public PostgresServer Server => server ?? throw new InvalidOperationException("The server has not started.");

    /// <summary>A new, empty database; its connection string.</summary>
    public async Task<string> NewDatabaseAsync()
    {
        var name = $"test_{Guid.NewGuid():N}";
        await Server.CreateDatabaseAsync(name);
        return Server.ConnectionString(name) + ";Maximum Pool Size=15";
    }

    public async ValueTask InitializeAsync()
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        server = await PostgresServer.StartAsync(folder, new PostgresOptions(Durable: false));
    }

    public async ValueTask DisposeAsync()
    {
        if (server is not null)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
    }
}
