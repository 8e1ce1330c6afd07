using System.Diagnostics;

namespace Marketplace.Conformance.Bench;

public static class Eventually
{
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> otherwise, int seconds = 10)
    {
        var patience = Stopwatch.StartNew();
        while (!await condition())
        {
            if (patience.Elapsed.TotalSeconds > seconds)
                Assert.Fail($"after {seconds} s: {otherwise()}");
            await Task.Delay(10);
        }
    }

    public static Task TrueAsync(Func<bool> condition, Func<string> otherwise, int seconds = 10) => TrueAsync(() => Task.FromResult(condition()), otherwise, seconds);
}
