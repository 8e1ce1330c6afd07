namespace Marketplace.LocalSidecar.Resiliency;

/// <summary>A retry policy of a Resiliency resource (wire contract §12).</summary>
/// <param name="Interval">The pause of a constant policy, the longest pause of an exponential one.</param>
/// <param name="MaxRetries">Attempts after the first; -1 is without end.</param>
/// <param name="RetriedCodes">The only HTTP status codes that are tried again; null is all of them.</param>
internal sealed record RetryPolicy(bool Exponential, TimeSpan Interval, int MaxRetries, StatusCodeRanges? RetriedCodes)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ExponentialGivesUpAfter = TimeSpan.FromMinutes(15);

    /// <summary>The pause before the next attempt, or null when this was the last one.</summary>
    /// <param name="attempts">Attempts made, at least 1.</param>
    /// <param name="jitter">0 to 1, spread over ±50 % of an exponential pause.</param>
    public TimeSpan? PauseAfter(int attempts, int? statusCode, double jitter)
    {
        if (MaxRetries >= 0 && attempts > MaxRetries)
            return null;
        if (statusCode is { } code && RetriedCodes is { } retried && !retried.Contains(code))
            return null;
        if (!Exponential)
            return Interval;

        var pause = FirstPause;
        var waited = TimeSpan.Zero;
        for (var attempt = 1; attempt < attempts && waited <= ExponentialGivesUpAfter; attempt++)
        {
            waited += pause;
            pause = Min(pause * 1.5, Interval);
        }
        return waited > ExponentialGivesUpAfter ? null : Min(pause, Interval) * (0.5 + jitter);
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}

/// <summary>Status codes as "408,429,500-599".</summary>
internal sealed record StatusCodeRanges(IReadOnlyList<(int From, int To)> Ranges)
{
    public bool Contains(int code) => Ranges.Any(range => code >= range.From && code <= range.To);

    public static StatusCodeRanges Parse(string text)
    {
        var ranges = new List<(int, int)>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length > 2 || !int.TryParse(ends[0], out var from) || !int.TryParse(ends[^1], out var to) || from > to)
                throw new InvalidOperationException($"matching.httpStatusCodes: '{part}' is neither a code nor a range");
            ranges.Add((from, to));
        }
        return new StatusCodeRanges(ranges);
    }
}
