using System.Collections.Concurrent;
using System.Globalization;

namespace Marketplace.Local.Campaigns;

/// <summary>How far a play has come.</summary>
public sealed record PlayProgress(string What, int Done, int Total);

/// <summary>Where a campaign is played: the API, the people, what the keys of the file have become, and what went wrong.</summary>
/// <param name="steps">How many there are to do.</param>
internal sealed class Stage(MarketplaceClient api, Campaign campaign, Town town, string password, Func<DateTimeOffset> now, Action<PlayProgress>? progress, int steps)
{
    /// <summary>Requests under way at once where the order does not matter.</summary>
    public const int Parallel = 4;

    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");

    private int done;

    public MarketplaceClient Api { get; } = api;

    public Campaign Campaign { get; } = campaign;

    public Town Town { get; } = town;

    /// <summary>Ids by key of the file.</summary>
    public ConcurrentDictionary<string, string> Programmes { get; } = new();

    /// <summary>Ids by key of the file.</summary>
    public ConcurrentDictionary<string, string> Packs { get; } = new();

    /// <summary>The providers' accounts by key of the file.</summary>
    public ConcurrentDictionary<string, Account> Providers { get; } = new();

    /// <summary>The businesses' accounts by key of the file.</summary>
    public ConcurrentDictionary<string, Account> Businesses { get; } = new();

    /// <summary>What was refused without the campaign having meant it.</summary>
    public ConcurrentQueue<string> Refusals { get; } = new();

    /// <summary>The marketplace's time.</summary>
    public DateTimeOffset Now => now();

    /// <summary>The marketplace's day, as people there call it.</summary>
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(Now, Paris).DateTime);

    /// <summary>Six in the evening, Europe/Paris, some days after today: when people set deadlines.</summary>
    public DateTimeOffset EveningIn(int days)
    {
        var evening = Today.AddDays(days).ToDateTime(new TimeOnly(18, 0));
        return new DateTimeOffset(evening, Paris.GetUtcOffset(evening));
    }

    /// <summary>An account for a provider or a business of the file.</summary>
    public Account NewAccount(string persona, CampaignEntry entry) => AccountOf(persona, entry, password);

    /// <summary>The account that a provider or a business of a file gets.</summary>
    public static Account AccountOf(string persona, CampaignEntry entry, string password) =>
        new(persona, entry.Text("email") ?? $"{Uri.EscapeDataString(entry.Key)}@{persona}.example", password);

    /// <summary>One more step is done.</summary>
    public void Step(string what) => progress?.Invoke(new PlayProgress(what, Interlocked.Increment(ref done), steps));

    /// <summary>
    /// Asks again for a while when the answer is a refusal that a fact on its way from another service may explain.
    /// </summary>
    public static async Task<ApiAnswer> AgainWhileLateAsync(Func<Task<ApiAnswer>> ask, CancellationToken ct)
    {
        const int attempts = 6;
        for (var attempt = 1; ; attempt++)
        {
            var answer = await ask();
            if (answer.IsSuccess || attempt == attempts || (int)answer.Status is not (400 or 404 or 409 or 422))
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(400), ct);
        }
    }

    /// <summary>Asks until the answer is what is waited for.</summary>
    /// <param name="missing">What is still to come; as long as that changes, there is hope.</param>
    /// <exception cref="RefusedException">Nothing has changed for a minute.</exception>
    public static async Task<T> UntilAsync<T>(Func<Task<T>> ask, Func<T, bool> isThere, TimeSpan interval, Func<T, string> missing, CancellationToken ct)
    {
        var patience = System.Diagnostics.Stopwatch.StartNew();
        var before = "";
        while (true)
        {
            var answer = await ask();
            if (isThere(answer))
            {
                return answer;
            }

            var now = missing(answer);
            if (now != before)
            {
                (before, patience) = (now, System.Diagnostics.Stopwatch.StartNew());
            }

            if (patience.Elapsed > TimeSpan.FromMinutes(1))
            {
                throw new RefusedException($"After a minute, {now}.");
            }

            await Task.Delay(interval, ct);
        }
    }

    /// <summary>A day as the API takes it.</summary>
    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>An instant as the API takes it, in whole seconds.</summary>
    public static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
