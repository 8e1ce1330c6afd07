using System.Globalization;

namespace Marketplace.Load;

/// <summary>The most memory that a process held resident (VmHWM of Linux, in MB) since the peak was last forgotten.</summary>
internal sealed class ResidentMemory(int processId)
{
    public void ForgetPeak() => File.WriteAllText($"/proc/{processId}/clear_refs", "5");

    public double PeakMegabytes => long.Parse(
        File.ReadLines($"/proc/{processId}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024.0;
}
