using System.Diagnostics;

namespace Marketplace.Local.Processes;

/// <summary>A process to start: an assembly of this checkout, or <see cref="Words"/>, with its settings in the environment.</summary>
/// <param name="Name">Name for logs and messages.</param>
/// <param name="Project">Project folder below the checkout.</param>
/// <param name="Database">The database it uses; null for none.</param>
/// <param name="Settings">Environment variables.</param>
/// <param name="ReadyAt">Answers 200 once the process serves.</param>
public sealed record ProcessPlan(string Name, string Project, string? Database, IReadOnlyDictionary<string, string> Settings, Uri ReadyAt)
{
    /// <summary>Somebody else's program and its arguments, instead of a project of ours.</summary>
    public IReadOnlyList<string>? Words { get; init; }
}

/// <summary>A process of ours, in a session of its own, so that Ctrl+C on the terminal reaches only the run, which stops things in order.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Begins what is meant for the person at the terminal and for no log: letters that would have been mailed.</summary>
    private const string Letter = "mail> ";

    private const int LinesKept = 20;
    private readonly Process process;
    private readonly StreamWriter log;
    private readonly Queue<string> lastLines = new();
    private volatile bool isStopping;

    private ChildProcess(ProcessPlan plan, Process process, StreamWriter log)
    {
        Plan = plan;
        this.process = process;
        this.log = log;
    }

    public ProcessPlan Plan { get; }

    public int Id => process.Id;

    public bool HasExited => process.HasExited;

    /// <summary>When it started, as the system tells it; with the id it names a process for good.</summary>
    public DateTime StartTime => process.StartTime;

    /// <summary>Raised when it ends without having been asked to.</summary>
    public event Action<ChildProcess>? Died;

    /// <summary>Raised for each line of a letter that it would have mailed; such lines enter no log, since letters hold one-time links.</summary>
    public event Action<string>? Mailed;

    /// <summary>Starts it; what it prints goes to <paramref name="logFile"/>.</summary>
    public static ChildProcess Start(ProcessPlan plan, string logFile)
    {
        List<string> words = [.. plan.Words ?? [Checkout.Dotnet, Checkout.Assembly(plan.Project)]];
        var folder = Path.GetDirectoryName(words[plan.Words is null ? 1 : 0])!;
        if (File.Exists("/usr/bin/setsid"))
        {
            words.Insert(0, "/usr/bin/setsid");
        }

        var start = new ProcessStartInfo(words[0], words.Skip(1))
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("MARKETPLACE_ADMIN_EMAIL");
        start.Environment.Remove("MARKETPLACE_ADMIN_PASSWORD");
        start.Environment.Remove("ASPNETCORE_URLS");
        foreach (var (key, value) in plan.Settings)
        {
            start.Environment[key] = value;
        }

        var log = new StreamWriter(logFile, append: false) { AutoFlush = true };
        var child = new ChildProcess(plan, new Process { StartInfo = start, EnableRaisingEvents = true }, log);
        child.process.OutputDataReceived += child.Keep;
        child.process.ErrorDataReceived += child.Keep;
        child.process.Exited += (_, _) => child.Ended();
        child.process.Start();
        child.process.StandardInput.Close();
        child.process.BeginOutputReadLine();
        child.process.BeginErrorReadLine();
        return child;
    }

    /// <summary>The end of its log, indented.</summary>
    public string LastLines()
    {
        lock (lastLines)
        {
            return lastLines.Count == 0 ? "  (it printed nothing)" : string.Join(Environment.NewLine, lastLines.Select(line => "  " + line));
        }
    }

    /// <summary>SIGTERM; SIGKILL when that has not ended it in time.</summary>
    public async Task StopAsync(TimeSpan patience)
    {
        isStopping = true;
        await Signals.EndAsync(process, patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.FromSeconds(10));
        process.Dispose();
        lock (lastLines)
        {
            log.Dispose();
        }
    }

    private void Ended()
    {
        if (!isStopping)
        {
            Died?.Invoke(this);
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        if (line.Data.StartsWith(Letter, StringComparison.Ordinal))
        {
            Mailed?.Invoke(line.Data[Letter.Length..]);
            return;
        }

        lock (lastLines)
        {
            lastLines.Enqueue(line.Data);
            if (lastLines.Count > LinesKept)
            {
                lastLines.Dequeue();
            }

            if (log.BaseStream.CanWrite)
            {
                log.WriteLine(line.Data);
            }
        }
    }
}
