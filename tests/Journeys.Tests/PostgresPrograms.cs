using System.Diagnostics;
using Marketplace.LocalPostgres;
using Npgsql;

namespace Marketplace.Journeys_Tests;

/// <summary>PostgreSQL's client programs (psql, pg_dump, pg_restore), and scripts that call them, on one server.</summary>
internal static class PostgresPrograms
{
    /// <summary>Runs a program with a server's address in its environment; what it says, and its exit code.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(PostgresServer server, string program, IEnumerable<string> arguments, CancellationToken ct, params (string Name, string Value)[] settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString("postgres"));
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var path = $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}{await PostgresBinaries.FindAsync(Path.GetTempPath(), ct)}";
        Assert.True(path.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "pg_dump"))), "There is no pg_dump: install PostgreSQL's client programs (Debian: postgresql-client).");
        start.Environment["PATH"] = path;
        start.Environment["PGHOST"] = connection.Host;
        start.Environment["PGPORT"] = $"{connection.Port}";
        start.Environment["PGUSER"] = connection.Username;
        start.Environment["PGPASSWORD"] = connection.Password;
        foreach (var (name, value) in settings)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(ct), process.StandardError.ReadToEndAsync(ct));
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output + await errors);
    }

    /// <summary>The same; it has to succeed.</summary>
    public static async Task DoAsync(PostgresServer server, string program, IEnumerable<string> arguments, CancellationToken ct)
    {
        var (exitCode, output) = await RunAsync(server, program, arguments, ct);
        Assert.True(exitCode == 0, output);
    }
}
