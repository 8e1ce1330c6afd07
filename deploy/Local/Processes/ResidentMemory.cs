using System.Diagnostics;
using System.Globalization;

namespace Marketplace.Local.Processes;

/// <summary>Resident memory of processes, in MB (10⁶ bytes).</summary>
/// <param name="Shared">
/// What they take of the machine: a page that several of them map, such as the framework's code, is counted once (the sum
/// of their proportional set sizes). Where the system does not tell that, the same as <paramref name="Each"/>.
/// </param>
/// <param name="Each">The sum of their resident set sizes: a shared page is counted in every one of them.</param>
public sealed record ResidentMemory(long Shared, long Each)
{
    /// <summary>Of these processes, now; one that has ended counts nothing.</summary>
    internal static ResidentMemory Of(IEnumerable<int> processes)
    {
        var all = processes.Select(BytesOf).ToList();
        return new ResidentMemory(all.Sum(bytes => bytes.Shared) / 1_000_000, all.Sum(bytes => bytes.Each) / 1_000_000);
    }

    private static (long Shared, long Each) BytesOf(int id)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var lines = File.ReadAllLines($"/proc/{id}/smaps_rollup");
                return (Kilobytes(lines, "Pss:") * 1024, Kilobytes(lines, "Rss:") * 1024);
            }

            using var process = Process.GetProcessById(id);
            return (process.WorkingSet64, process.WorkingSet64);
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }
    }

    private static long Kilobytes(string[] lines, string name) =>
        long.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
