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

    private async Task<string> StartAsync(string program, string[] arguments)
    {
        Process process;
        try
        {
            process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"This test needs Node.js 20 or newer with npm: {program} cannot be started ({e.Message}).", e);
        }

        using (process)
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
