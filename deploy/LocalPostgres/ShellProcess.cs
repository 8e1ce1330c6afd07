using System.Diagnostics;

namespace Marketplace.LocalPostgres;

/// <summary>Runs a program to its end and gives what it printed.</summary>
public static class ShellProcess
{
    /// <summary>Starts <paramref name="program"/>, waits for it, and returns its exit code with its output and errors in one text.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(string program, IEnumerable<string> arguments, string? folder = null, CancellationToken ct = default)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder ?? Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(ct);
        var errors = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        return (process.ExitCode, await output + await errors);
    }
}
