namespace Marketplace.Platform.Messages;

/// <summary>Facts of other services arrive within about a second; a client that acts faster than that is not refused at once.</summary>
public static class Arrival
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Looks again and again, for three seconds at the most, until <paramref name="look"/> finds something.</summary>
    /// <returns>What was found, or null.</returns>
    public static async Task<T?> OfAsync<T>(Func<Task<T?>> look, CancellationToken ct)
        where T : class
    {
        var until = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await look() is { } found)
            {
                return found;
            }

            if (TimeProvider.System.GetElapsedTime(until) > Patience)
            {
                return null;
            }

            await Task.Delay(50, ct);
        }
    }
}
