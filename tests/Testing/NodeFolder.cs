using System.ComponentModel;
using System.Diagnostics;

namespace Marketplace.Testing;

/// <summary>
/// A folder of scripts and npm packages beside the test assembly: independent readers and writers to compare ours with.
/// The packages are installed from the lock file when a script first asks for them.
/// </summary>
/// <param name="path">The folder below the test assembly's, which holds package.json and package-lock.json.</param>
public sealed class NodeFolder(params string[] path)
{
    private readonly string folder = Path.Combine([AppContext.BaseDirectory, .. path]);
    private readonly Lock once = new();
    private Task? installed;

    /// <summary>What a script of the folder prints.</summary>
    /// <exception cref="InvalidOperationException">It failed, npm failed, or Node.js is not there.</exception>
    public async Task<string> RunAsync(string script, params string[] arguments)
    {
        await InstallAsync();
        return await StartAsync("node", [script, .. arguments]);
    }

    /// <summary>A script of the folder that goes on running until its input ends, once it has printed its first line.</summary>
    /// <exception cref="InvalidOperationException">It ended before.</exception>
    public async Task<Process> ServeAsync(string script, params string[] arguments)
    {
        await InstallAsync();
        var process = Begin("node", [script, .. arguments], serves: true);
        if (await process.StandardOutput.ReadLineAsync() is null)
        {
            await process.WaitForExitAsync();
            throw new InvalidOperationException($"node {script} ended with {process.ExitCode}: {await process.StandardError.ReadToEndAsync()}");
        }

        // Nobody reads on, and a full pipe would stop it.
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        _ = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        return process;
    }

    /// <summary>The text of a file of a package.</summary>
    public async Task<string> ReadAsync(string package, string file)
    {
        await InstallAsync();
        return await File.ReadAllTextAsync(Path.Combine(folder, "node_modules", package, file));
    }

    private Task InstallAsync()
    {
        lock (once)
        {
            return installed ??= StartAsync(OperatingSystem.IsWindows() ? "npm.cmd" : "npm", ["ci", "--no-audit", "--no-fund", "--prefer-offline"]);
        }
    }

    private Process Begin(string program, string[] arguments, bool serves = false)
    {
        try
        {
            return Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardInput = serves, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"This test needs Node.js 20 or newer with npm: {program} cannot be started ({e.Message}).", e);
        }
    }

    private async Task<string> StartAsync(string program, string[] arguments)
    {
        using (var process = Begin(program, arguments))
        {
            var errors = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0
                ? output
                : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}: {output}{await errors}");
        }
    }
}
