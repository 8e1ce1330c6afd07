using System.Diagnostics;
using System.Globalization;

namespace Marketplace.Local.Processes;

/// <summary>Resident memory of processes.</summary>
internal static class ResidentMemory
{
    /// <summary>The sum over the processes, in MB (10⁶ bytes).</summary>
    public static long MegabytesOf(IEnumerable<int> processes) => processes.Sum(BytesOf) / 1_000_000;

    private static long BytesOf(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
                return line is null ? 0 : 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
            }

            using var process = Process.GetProcessById(id);
            return process.WorkingSet64;
        }
        catch (Exception e) when (e is ArgumentException or IOException)
        {
            return 0;
        }
    }
}
