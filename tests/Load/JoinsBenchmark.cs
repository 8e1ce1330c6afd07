using System.Diagnostics;
using System.Globalization;
using Dapper;
using Marketplace.Local;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;
using Marketplace.LocalPostgres;
using Npgsql;

namespace Marketplace.Load;

/// <summary>
/// Joins per second on one hot pool through the gateway with everything on (sign-in, idempotency, facts, outbox, aid),
/// and of a bare YARP + folded insert on the same PostgreSQL in the same run. Machines are noisy: read the ratio.
/// </summary>
internal static class JoinsBenchmark
{
    public static async Task<int> RunAsync(int joins, int connections, int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("marketplace-load-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        try
        {
            await using var marketplace = await LocalMarketplace.StartAsync(new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Free(), RateLimits = false });
            await MeasureAsync(marketplace, joins, connections, rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        return 0;
    }

    private static async Task MeasureAsync(LocalMarketplace marketplace, int joins, int connections, int rounds)
    {
        using var api = new MarketplaceClient(marketplace.Gateway);
        var hot = await HotPool.PrepareAsync(marketplace, api, 1_000_000);
        Say($"{joins} joins a round over {connections} connections, {Environment.ProcessorCount} cores shared by PostgreSQL, all processes and this load generator");
        var tokens = hot.Tokens(joins);

        var server = marketplace.Postgres ?? throw new InvalidOperationException("The benchmark runs on a PostgreSQL of its own.");
        await server.CreateDatabaseAsync("bare");
        int servicePort = PostgresServer.FreePort(), gatewayPort = PostgresServer.FreePort();
        using var bareService = Child("bare-service", server.ConnectionString("bare"), $"{servicePort}");
        using var bareGateway = Child("bare-gateway", $"{gatewayPort}", $"http://127.0.0.1:{servicePort}");
        try
        {
            await ListeningAsync(servicePort);
            await ListeningAsync(gatewayPort);
            await LoadGenerator.RunAsync(gatewayPort, Bare(2_000), connections);
            await JoinAsync(2_000);

            var bare = new List<Measured>();
            var full = new List<Measured>();
            for (var round = 1; round <= rounds; round++)
            {
                bare.Add(await LoadGenerator.RunAsync(gatewayPort, Bare(joins), connections));
                Show($"round {round}: bare YARP + folded insert", bare[^1]);
                var (measured, reservedPerSecond) = await JoinAsync(joins);
                full.Add(measured);
                Show($"round {round}: marketplace, everything on ", measured);
                Say($"          until aid was reserved for all: {reservedPerSecond:N0} joins/s sustained");
            }

            var ratio = full.Max(m => m.PerSecond) / bare.Max(m => m.PerSecond);
            Say($"ratio of the best rounds: {ratio.ToString("0.00", CultureInfo.InvariantCulture)} (aim: at least 0.50)");
        }
        finally
        {
            bareGateway.Kill();
            bareService.Kill();
        }

        List<byte[]> Bare(int count) => Enumerable.Repeat(HotPool.Request("/join", gatewayPort), count).ToList();

        async Task<(Measured Joins, double ReservedPerSecond)> JoinAsync(int count)
        {
            var pool = await hot.OpenAsync(1_000_000);
            var requests = HotPool.Requests($"/api/pools/{pool}/commitments", tokens.Take(count), marketplace.Gateway.Port);
            var watch = Stopwatch.StartNew();
            var measured = await LoadGenerator.RunAsync(marketplace.Gateway.Port, requests, connections);
            if (measured.Accepted != count)
            {
                throw new InvalidOperationException($"Only {measured.Accepted} of {count} joins were accepted.");
            }

            await using var db = new NpgsqlConnection(server.ConnectionString("pooled_orders"));
            while (await db.ExecuteScalarAsync<bool>("select exists (select from commitment where pool_id = @pool and status = 'pending')", new { pool = Guid.Parse(pool) }))
            {
                await Task.Delay(20);
            }

            return (measured, count / watch.Elapsed.TotalSeconds);
        }
    }

    private static Process Child(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [typeof(JoinsBenchmark).Assembly.Location, .. arguments]))!;

    private static async Task ListeningAsync(int port)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                using var connection = await RawConnection.OpenAsync(port);
                return;
            }
            catch (System.Net.Sockets.SocketException) when (i < 200)
            {
                await Task.Delay(50);
            }
        }
    }

    private static void Show(string what, Measured m) =>
        Say($"{what}: {m.PerSecond,8:N0}/s   p50 {m.Percentile(0.50),6:0.0} ms   p95 {m.Percentile(0.95),6:0.0} ms   p99 {m.Percentile(0.99),6:0.0} ms");

    private static void Say(string line) => Console.WriteLine(line);
}
