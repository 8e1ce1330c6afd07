using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Marketplace.Platform.Time;

/// <summary>
/// The clock of the local run: the system's, moved forward by the number of seconds in a file that all local processes
/// share. Deployments do not set <c>LocalClock:File</c> and run on the system's clock.
/// </summary>
public sealed class LocalClock : TimeProvider
{
    private readonly string file;
    private readonly Lock oneAtATime = new();
    private long offsetTicks;

    /// <summary>Reads the offset from the file; none is no offset.</summary>
    public LocalClock(string file)
    {
        this.file = file;
        Reload();
    }

    /// <summary>The local clock when <c>LocalClock:File</c> is set, else the system's.</summary>
    public static TimeProvider From(IConfiguration configuration) =>
        configuration["LocalClock:File"] is { Length: > 0 } file ? new LocalClock(file) : System;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddTicks(Interlocked.Read(ref offsetTicks));

    /// <summary>Reads the offset again, after another process moved the clock.</summary>
    public void Reload()
    {
        var text = File.Exists(file) ? File.ReadAllText(file) : "0";
        Interlocked.Exchange(ref offsetTicks, long.Parse(text, CultureInfo.InvariantCulture) * TimeSpan.TicksPerSecond);
    }

    /// <summary>Moves the clock forward for every process that shares the file (each still has to <see cref="Reload"/>).</summary>
    /// <param name="by">More than zero; the clock never goes back.</param>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(by, TimeSpan.Zero);
        lock (oneAtATime)
        {
            Reload();
            var offset = TimeSpan.FromTicks(Interlocked.Read(ref offsetTicks)) + by;
            var next = file + ".next";
            File.WriteAllText(next, ((long)Math.Ceiling(offset.TotalSeconds)).ToString(CultureInfo.InvariantCulture));
            File.Move(next, file, overwrite: true);
            Reload();
        }
    }
}
