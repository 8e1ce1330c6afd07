using System.Diagnostics;

namespace Marketplace.Load;

/// <summary>What a round measured.</summary>
/// <param name="Seconds">From the first request to the last answer.</param>
/// <param name="Milliseconds">Latency of every request, sorted.</param>
/// <param name="Accepted">Answers 201.</param>
internal sealed record Measured(double Seconds, double[] Milliseconds, int Accepted)
{
    public double PerSecond => Milliseconds.Length / Seconds;

    public double Percentile(double share) => Milliseconds[(int)Math.Min(Milliseconds.Length - 1, Milliseconds.Length * share)];
}

/// <summary>Sends prepared requests over a fixed number of connections, each as soon as the one before is answered.</summary>
internal static class LoadGenerator
{
    public static async Task<Measured> RunAsync(int port, IReadOnlyList<byte[]> requests, int connections)
    {
        var open = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => RawConnection.OpenAsync(port)));
        var milliseconds = new double[requests.Count];
        int next = -1, accepted = 0;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(open.Select(connection => Task.Run(async () =>
        {
            int i;
            while ((i = Interlocked.Increment(ref next)) < requests.Count)
            {
                var start = Stopwatch.GetTimestamp();
                if (await connection.SendAsync(requests[i]) == 201)
                {
                    Interlocked.Increment(ref accepted);
                }

                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            }
        })));
        watch.Stop();
        Array.ForEach(open, connection => connection.Dispose());
        Array.Sort(milliseconds);
        return new Measured(watch.Elapsed.TotalSeconds, milliseconds, accepted);
    }
}
