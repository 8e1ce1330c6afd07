using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Marketplace.Platform.Time;

/// <summary>
/// Work that becomes due as time passes: closing pools, expiring accreditations. It chooses by state (what is due by
/// now), so an outage delays it and never skips it, and it is safe in several instances at once.
/// </summary>
public interface IDueWork
{
    /// <summary>Does what is due now. Called again and again; has nothing to do most of the time.</summary>
    Task RunAsync(CancellationToken ct);
}

/// <summary>Runs every <see cref="IDueWork"/> once a second, and at once when the local clock is moved.</summary>
public sealed partial class DueWorkLoop(IServiceScopeFactory scopes, IReadOnlyList<Type> work, ILogger<DueWorkLoop> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim oneAtATime = new(1);

    /// <summary>Runs all due work now and waits for it.</summary>
    public async Task RunAllAsync(CancellationToken ct)
    {
        await oneAtATime.WaitAsync(ct);
        try
        {
            foreach (var type in work)
            {
                try
                {
                    await using var scope = scopes.CreateAsyncScope();
                    await ((IDueWork)scope.ServiceProvider.GetRequiredService(type)).RunAsync(ct);
                }
                catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
                {
                    Failed(log, e, type.Name);
                }
            }
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await RunAllAsync(stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Error, "Due work {Work} failed; it is tried again in a second")]
    private static partial void Failed(ILogger log, Exception e, string work);
}
