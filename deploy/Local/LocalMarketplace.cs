using System.Globalization;
using Marketplace.Local.Processes;
using Marketplace.LocalPostgres;

namespace Marketplace.Local;

/// <summary>
/// A whole marketplace on this machine: PostgreSQL, and as processes of their own the sidecar, the payment simulator,
/// the services and the gateway. Disposing it stops them in order; the data stays in its folder.
/// </summary>
public sealed class LocalMarketplace : IAsyncDisposable
{
    private static readonly TimeSpan PatienceAtStart = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(10);

    private readonly List<List<ChildProcess>> stages = [];
    private bool isStopped;

    private LocalMarketplace(LocalMarketplaceOptions options, Secrets secrets)
    {
        Options = options;
        Secrets = secrets;
    }

    public LocalMarketplaceOptions Options { get; }

    /// <summary>Its keys and its administrator; a load test signs its own tokens with them.</summary>
    public Secrets Secrets { get; }

    /// <summary>The gateway's address.</summary>
    public Uri Gateway => Options.Ports.AddressOf(Ports.Gateway);

    /// <summary>Its databases, and the server that they are on.</summary>
    public Databases Databases { get; private set; } = null!;

    /// <summary>The PostgreSQL server of its own; null when one was given.</summary>
    public PostgresServer? Postgres => Databases.Server;

    /// <summary>The processes, by name.</summary>
    public IReadOnlyDictionary<string, ChildProcess> Processes => stages.SelectMany(stage => stage).ToDictionary(child => child.Plan.Name);

    /// <summary>Resident memory of the processes and of this one, without PostgreSQL.</summary>
    public ResidentMemory Memory => ResidentMemory.Of(Children.Where(child => !child.HasExited).Select(child => child.Id).Append(Environment.ProcessId));

    /// <summary>The marketplace's time: the system's, and how far the local clock is ahead.</summary>
    public DateTimeOffset Now =>
        TimeProvider.System.GetUtcNow().AddSeconds(long.Parse(File.ReadAllText(Plan.ClockFile(Options.Folder)), CultureInfo.InvariantCulture));

    /// <summary>A process ended without having been asked to.</summary>
    public event Action<ChildProcess>? Died;

    /// <summary>A line of a letter that would have been mailed.</summary>
    public event Action<string>? Mailed;

    private IEnumerable<ChildProcess> Children => stages.SelectMany(stage => stage);

    /// <summary>Ends what an earlier run left behind, starts everything, and returns once every process serves.</summary>
    /// <param name="options">How.</param>
    /// <param name="progress">Hears the name of each thing that has come up.</param>
    /// <param name="ct">Stops the start; what has been started is stopped again.</param>
    /// <exception cref="CannotStartException">A port is taken, PostgreSQL is missing, a process ended; says which and what to do.</exception>
    public static async Task<LocalMarketplace> StartAsync(LocalMarketplaceOptions options, Action<string>? progress = null, CancellationToken ct = default)
    {
        options.Daprd?.Check();
        Directory.CreateDirectory(Path.Combine(options.Folder, "logs"));
        await LeftOvers.EndAsync(options.Folder);
        options.Ports.Check(Plan.PortsOf(options));
        var marketplace = new LocalMarketplace(options, Secrets.Of(options.Folder));
        try
        {
            marketplace.Databases = await Databases.OpenAsync(options, ct);
            progress?.Invoke("PostgreSQL");
            marketplace.SetClock();
            await marketplace.StartProcessesAsync(ct);
            await marketplace.WaitUntilReadyAsync(progress, ct);
            return marketplace;
        }
        catch
        {
            await marketplace.DisposeAsync();
            throw;
        }
    }

    /// <summary>Stops gateway, services, simulator, sidecar and PostgreSQL, in this order.</summary>
    public async ValueTask DisposeAsync()
    {
        if (isStopped)
        {
            return;
        }

        isStopped = true;
        foreach (var stage in stages)
        {
            await Task.WhenAll(stage.Select(child => child.StopAsync(PatienceAtEnd)));
        }

        foreach (var child in Children)
        {
            await child.DisposeAsync();
        }

        if (Databases is not null)
        {
            await Databases.DisposeAsync();
        }

        LeftOvers.Forget(Options.Folder);
    }

    /// <summary>New databases begin with the system's time; those found again go on with theirs.</summary>
    private void SetClock()
    {
        var file = Plan.ClockFile(Options.Folder);
        if (Databases.AreNew || !File.Exists(file))
        {
            File.WriteAllText(file, "0");
        }
    }

    /// <summary>Each process as soon as its database is there, last to be stopped first: the services wait for the sidecar.</summary>
    private async Task StartProcessesAsync(CancellationToken ct)
    {
        foreach (var stage in new Plan(Options, Secrets, Databases.ConnectionString).Stages().Reverse())
        {
            var started = new List<ChildProcess>();
            stages.Insert(0, started);
            foreach (var plan in stage)
            {
                if (plan.Database is not null)
                {
                    await Databases.CreateAsync(plan.Database, ct);
                }

                started.Add(ChildProcess.Start(plan, Path.Combine(Options.Folder, "logs", plan.Name + ".log")));
                LeftOvers.Note(Options.Folder, Children);
            }
        }
    }

    private async Task WaitUntilReadyAsync(Action<string>? progress, CancellationToken ct)
    {
        using var readiness = new Readiness(PatienceAtStart);
        using var failure = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await Task.WhenAll(Children.Select(async child =>
        {
            try
            {
                await readiness.WaitAsync(child, failure.Token);
                progress?.Invoke(child.Plan.Name);
            }
            catch
            {
                // The first failure ends the start: the others would only wait in vain.
                await failure.CancelAsync();
                throw;
            }
        }));

        foreach (var child in Children)
        {
            child.Died += dead => Died?.Invoke(dead);
            child.Mailed += line => Mailed?.Invoke(line);
        }
    }
}
