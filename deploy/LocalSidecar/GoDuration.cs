using System.Globalization;
using System.Text.RegularExpressions;

namespace Marketplace.LocalSidecar;

/// <summary>Durations as Go writes them ("90s", "1h30m", "1.5s", "-5s"), which is how Dapr's YAML and TTLs are written.</summary>
internal static partial class GoDuration
{
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is "0" or "+0" or "-0")
            return true;
        var match = Shape().Match(text);
        if (!match.Success)
            return false;

        var total = 0m;
        for (var part = 0; part < match.Groups["number"].Captures.Count; part++)
        {
            if (!decimal.TryParse(match.Groups["number"].Captures[part].Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            var ticks = Ticks(match.Groups["unit"].Captures[part].Value);
            if (number > long.MaxValue / ticks)
                return false;
            total += number * ticks;
        }
        if (total > long.MaxValue)
            return false;
        duration = TimeSpan.FromTicks((long)(match.Groups["sign"].Value == "-" ? -total : total));
        return true;
    }

    private static decimal Ticks(string unit) => unit switch
    {
        "h" => TimeSpan.TicksPerHour,
        "m" => TimeSpan.TicksPerMinute,
        "s" => TimeSpan.TicksPerSecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "ns" => 0.01m,
        _ => TimeSpan.TicksPerMicrosecond,
    };

    [GeneratedRegex(@"^(?<sign>[-+]?)((?<number>\d+\.?\d*|\.\d+)(?<unit>ns|us|µs|μs|ms|s|m|h))+$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Shape();
}
