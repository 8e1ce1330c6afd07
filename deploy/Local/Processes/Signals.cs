using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Marketplace.Local.Processes;

/// <summary>Asks processes to end.</summary>
internal static class Signals
{
    private const int Interrupt = 2;
    private const int Terminate = 15;

    /// <summary>SIGTERM, waits, then SIGKILL.</summary>
    public static Task EndAsync(Process process, TimeSpan patience) => EndAsync(process, Terminate, patience);

    /// <summary>SIGINT, which is PostgreSQL's fast shutdown, waits, then SIGKILL.</summary>
    public static Task EndPostgresAsync(Process process, TimeSpan patience) => EndAsync(process, Interrupt, patience);

    private static async Task EndAsync(Process process, int signal, TimeSpan patience)
    {
        if (process.HasExited)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            process.Kill();
        }
        else
        {
            _ = Kill(process.Id, signal);
        }

        using var deadline = new CancellationTokenSource(patience);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int pid, int signal);
}
