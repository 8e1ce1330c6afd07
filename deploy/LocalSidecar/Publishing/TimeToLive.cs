using System.Globalization;

namespace Marketplace.LocalSidecar.Publishing;

/// <summary>How long a message may wait, from publish metadata (wire contract §2.2).</summary>
internal static class TimeToLive
{
    /// <summary>
    /// The time to live, or null for none. Zero and negative durations give zero (the message is thrown away at delivery);
    /// negative integers and anything unreadable give none: daprd does the same.
    /// </summary>
    public static TimeSpan? Read(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue("ttl", out var text) || text.Length == 0)
            metadata.TryGetValue("ttlInSeconds", out text);
        if (string.IsNullOrEmpty(text))
            return null;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds))
            return seconds < 0 ? null : TimeSpan.FromSeconds(Math.Min(seconds, 100L * 365 * 86_400));
        if (!GoDuration.TryParse(text, out var duration))
            return null;
        return duration < TimeSpan.Zero ? TimeSpan.Zero : duration;
    }
}
