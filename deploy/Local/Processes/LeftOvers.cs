using System.Diagnostics;
using System.Text.Json;

namespace Marketplace.Local.Processes;

/// <summary>
/// Remembers in the folder which processes run from it, so that the next run can end those of one that was killed and
/// could not. A process is known by id and start time: ids are used again.
/// </summary>
internal static class LeftOvers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Notes this process and its children.</summary>
    public static void Note(string folder, IEnumerable<ChildProcess> children)
    {
        using var self = Process.GetCurrentProcess();
        var noted = new Noted(new NotedProcess(self.Id, self.StartTime), children.Select(child => new NotedProcess(child.Id, child.StartTime)).ToList());
        File.WriteAllText(FileOf(folder), JsonSerializer.Serialize(noted));
    }

    /// <summary>All are down.</summary>
    public static void Forget(string folder) => File.Delete(FileOf(folder));

    /// <summary>Ends what an earlier run left behind.</summary>
    /// <exception cref="CannotStartException">That run is still up.</exception>
    public static async Task EndAsync(string folder)
    {
        if (Read(folder) is { } noted)
        {
            using var run = Find(noted.Run);
            if (run is not null && run.Id != Environment.ProcessId)
            {
                throw new CannotStartException($"A marketplace already runs from {folder} (process {run.Id}). Stop it first.");
            }

            await Task.WhenAll(noted.Children.Select(EndAsync));
        }

        await EndPostgresAsync(Path.Combine(folder, "postgres", "cluster", "postmaster.pid"));
        Forget(folder);
    }

    private static async Task EndAsync(NotedProcess noted)
    {
        using var process = Find(noted);
        if (process is not null)
        {
            await Signals.EndAsync(process, Patience);
        }
    }

    private static async Task EndPostgresAsync(string pidFile)
    {
        if (!File.Exists(pidFile) || !int.TryParse(File.ReadLines(pidFile).FirstOrDefault(), out var pid))
        {
            return;
        }

        using var process = Find(pid);
        if (process is not null && process.ProcessName.StartsWith("postgres", StringComparison.Ordinal))
        {
            await Signals.EndPostgresAsync(process, TimeSpan.FromSeconds(20));
        }
    }

    private static Process? Find(NotedProcess noted)
    {
        var process = Find(noted.Id);
        if (process is not null && (process.StartTime - noted.StartTime).Duration() < TimeSpan.FromSeconds(2))
        {
            return process;
        }

        process?.Dispose();
        return null;
    }

    private static Process? Find(int id)
    {
        try
        {
            return Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static Noted? Read(string folder)
    {
        try
        {
            return File.Exists(FileOf(folder)) ? JsonSerializer.Deserialize<Noted>(File.ReadAllText(FileOf(folder))) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string FileOf(string folder) => Path.Combine(folder, "processes.json");

    private sealed record Noted(NotedProcess Run, List<NotedProcess> Children);

    private sealed record NotedProcess(int Id, DateTime StartTime);
}
