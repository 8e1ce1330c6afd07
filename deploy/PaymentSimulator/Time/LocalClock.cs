using System.Globalization;

namespace Marketplace.PaymentSimulator.Time;

/// <summary>The system clock, moved forward by the whole seconds that a file states; for the local run only.</summary>
/// <param name="file">File with the offset, or <c>null</c> for plain system time.</param>
public sealed class LocalClock(string? file) : TimeProvider
{
    private long _offsetSeconds = ReadOffset(file);

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddSeconds(Interlocked.Read(ref _offsetSeconds));

    /// <summary>Reads the file again.</summary>
    public void Reload() => Interlocked.Exchange(ref _offsetSeconds, ReadOffset(file));

    private static long ReadOffset(string? file) =>
        File.Exists(file) && long.TryParse(File.ReadAllText(file).Trim(), CultureInfo.InvariantCulture, out var seconds) ? seconds : 0;
}
