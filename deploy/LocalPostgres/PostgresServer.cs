using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Npgsql;

namespace Marketplace.LocalPostgres;

/// <summary>How a local server is run.</summary>
/// <param name="Port">TCP port on 127.0.0.1; 0 picks a free one.</param>
/// <param name="Durable">False switches fsync off: for tests, where a lost database costs nothing.</param>
public sealed record PostgresOptions(int Port = 0, bool Durable = true);

/// <summary>
/// A PostgreSQL server of our own on the loopback address, run as an unprivileged user (PostgreSQL refuses root).
/// Stopping it leaves the data folder, and the next start finds it.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly Process process;
    private readonly string password;

    private PostgresServer(Process process, int port, string password)
    {
        this.process = process;
        this.password = password;
        Port = port;
    }

    /// <summary>The TCP port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Creates the data folder when it is empty, starts the server and waits until it answers.</summary>
    /// <exception cref="PostgresMissingException">There is no PostgreSQL and none could be brought, or it did not start.</exception>
    public static async Task<PostgresServer> StartAsync(string dataFolder, PostgresOptions? options = null, CancellationToken ct = default)
    {
        options ??= new PostgresOptions();
        var folder = Path.GetFullPath(dataFolder);
        Directory.CreateDirectory(folder);
        var bin = await PostgresBinaries.FindAsync(Path.Combine(folder, "..", "postgresql"), ct);
        var user = await UnprivilegedUser.FindAsync(folder, ct);
        var cluster = Path.Combine(folder, "cluster");
        var passwordFile = Path.Combine(folder, "password");

        if (!File.Exists(Path.Combine(cluster, "PG_VERSION")))
        {
            await CreateClusterAsync(bin, user, folder, cluster, passwordFile, ct);
        }

        await StopLeftOverAsync(cluster, ct);
        var password = (await File.ReadAllTextAsync(passwordFile, ct)).Trim();
        var port = options.Port == 0 ? FreePort() : options.Port;
        List<string> arguments =
        [
            "-D", cluster, "-p", $"{port}",
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
            "-c", "shared_buffers=128MB", "-c", "log_min_messages=fatal", "-c", "log_destination=stderr",
        ];
        if (!options.Durable)
        {
            arguments.AddRange(["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]);
        }

        // A session of its own: Ctrl+C on the terminal must reach the local run first, which stops things in order.
        var command = UnprivilegedUser.Command(user, Path.Combine(bin, "postgres"), arguments, ownSession: true);
        command.WorkingDirectory = folder;
        command.RedirectStandardError = true;
        var process = Process.Start(command)!;
        var errors = new System.Text.StringBuilder();
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                if (errors.Length < 4000)
                {
                    errors.AppendLine(line.Data);
                }
            }
        };
        process.BeginErrorReadLine();

        var server = new PostgresServer(process, port, password);
        var patience = Stopwatch.StartNew();
        while (true)
        {
            if (process.HasExited || patience.Elapsed > TimeSpan.FromSeconds(30))
            {
                await server.DisposeAsync();
                throw new PostgresMissingException($"PostgreSQL did not start on port {port}: {errors}");
            }

            try
            {
                await using var connection = new NpgsqlConnection(server.ConnectionString("postgres") + ";Pooling=false;Timeout=5");
                await connection.OpenAsync(ct);
                return server;
            }
            catch (Exception e) when (e is NpgsqlException or PostgresException)
            {
                await Task.Delay(20, ct);
            }
        }
    }

    /// <summary>An Npgsql connection string for one of the server's databases.</summary>
    public string ConnectionString(string database) =>
        $"Host=127.0.0.1;Port={Port};Username=marketplace;Password={password};Database={database}";

    /// <summary>Creates a database (from <paramref name="template"/> when given) unless it is there already.</summary>
    public async Task CreateDatabaseAsync(string name, string? template = null, CancellationToken ct = default)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres") + ";Pooling=false");
        await connection.OpenAsync(ct);
        await using var exists = new NpgsqlCommand("select 1 from pg_database where datname = $1", connection) { Parameters = { new() { Value = name } } };
        if (await exists.ExecuteScalarAsync(ct) is not null)
        {
            return;
        }

        var from = template is null ? "" : $" template \"{template}\"";
        await using var create = new NpgsqlCommand($"create database \"{name}\"{from}", connection);
        await create.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Stops the server (fast shutdown: transactions under way are rolled back).</summary>
    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            Signal(process.Id, FastShutdown);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            try
            {
                await process.WaitForExitAsync(patience.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
            }
        }

        process.Dispose();
    }

    /// <summary>A TCP port of the loopback address that nobody listens on at this moment.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task CreateClusterAsync(string bin, string? user, string folder, string cluster, string passwordFile, CancellationToken ct)
    {
        await File.WriteAllTextAsync(passwordFile, Convert.ToHexString(RandomNumberGenerator.GetBytes(16)), ct);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        if (user is not null)
        {
            await ShellProcess.RunAsync("chown", [user, folder, passwordFile], folder, ct);
        }

        var initdb = UnprivilegedUser.Command(user, Path.Combine(bin, "initdb"),
            ["-D", cluster, "-U", "marketplace", "--pwfile", passwordFile, "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], ownSession: false);
        var (exitCode, output) = await ShellProcess.RunAsync(initdb.FileName, initdb.ArgumentList, folder, ct);
        if (exitCode != 0)
        {
            throw new PostgresMissingException($"PostgreSQL could not create its data folder: {output.Trim()}");
        }
    }

    /// <summary>A server of ours that outlived its run (a killed terminal) still holds the folder: end it, gently.</summary>
    private static async Task StopLeftOverAsync(string cluster, CancellationToken ct)
    {
        var pidFile = Path.Combine(cluster, "postmaster.pid");
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), out var pid))
        {
            return;
        }

        try
        {
            using var leftOver = Process.GetProcessById(pid);
            if (leftOver.ProcessName.StartsWith("postgres", StringComparison.Ordinal))
            {
                Signal(pid, FastShutdown);
                await leftOver.WaitForExitAsync(ct).WaitAsync(TimeSpan.FromSeconds(20), ct);
            }
        }
        catch (ArgumentException)
        {
            File.Delete(pidFile);
        }
    }

    private const int FastShutdown = 2;

    private static void Signal(int pid, int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            using var process = Process.GetProcessById(pid);
            process.Kill();
            return;
        }

        _ = Kill(pid, signal);
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
