using Marketplace.Platform.Identity;
using Marketplace.Testing;

namespace Marketplace.Subsidies.Tests.Sequences;

/// <summary>The service on one database and one clock, as one process after another: each is killed with requests in flight.</summary>
public sealed class CrashingService : IAsyncDisposable
{
    private readonly string clockFile = Path.GetTempFileName();
    private readonly string database;
    private readonly TestIdentity identity = new();
    private ServiceProcess? process;
    private TimeSpan offset;

    private CrashingService(string database)
    {
        this.database = database;
        Finance = identity.Staff(Roles.Finance);
        OtherFinance = identity.Staff(Roles.Finance);
    }

    public ServiceProcess Process => process!;

    public string Finance { get; }

    public string OtherFinance { get; }

    public DateTime Now => DateTime.UtcNow + offset;

    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(Now, "Europe/Paris"));

    /// <summary>How often the process was killed.</summary>
    public int Crashes { get; private set; }

    /// <summary>Messages that a crash left without an answer: those of which nothing was kept, and requests that had been done all the same.</summary>
    public (int Undone, int Done) Interrupted { get; private set; }

    public static async Task<CrashingService> StartAsync(string database)
    {
        var service = new CrashingService(database);
        await File.WriteAllTextAsync(service.clockFile, "0");
        await service.StartAsync();
        return service;
    }

    /// <summary>
    /// Sends messages at once and answers the replies in their order. With a crash, the process is killed so long after
    /// they were sent, another one is started, and what had no answer is sent again.
    /// </summary>
    public async Task<IReadOnlyList<Reply>> SendAsync(IReadOnlyList<Message> messages, TimeSpan? crashAfter)
    {
        var sent = messages.Select(m => Task.Run(() => TrySendAsync(m))).ToList();
        if (crashAfter is { } delay)
        {
            await Task.Delay(delay);
            await Process.KillAsync();
            await Task.WhenAll(sent);
            await Process.DisposeAsync();
            Crashes++;
            await StartAsync();
        }

        var replies = new List<Reply>();
        foreach (var (message, first) in messages.Zip(await Task.WhenAll(sent)))
        {
            Assert.True(first is not null || crashAfter is not null, $"No answer to {message}");
            replies.Add(first ?? await AgainAsync(message));
        }

        return replies;
    }

    /// <summary>The clock moves, and what has become due is done.</summary>
    public async Task AdvanceAsync(TimeSpan by)
    {
        offset += by;
        await File.WriteAllTextAsync(clockFile, $"{(long)offset.TotalSeconds}");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/local/clock");
        request.Headers.Add("dapr-api-token", ServiceProcess.AppToken);
        using var response = await Process.Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        File.Delete(clockFile);
    }

    private async Task StartAsync() => process = await ServiceProcess.StartAsync(
        "services/Subsidies", database, identity, new Dictionary<string, string>(ServiceDone.Debtor) { ["LocalClock__File"] = clockFile });

    private async Task<Reply> AgainAsync(Message message)
    {
        var reply = await message.SendAsync(Process);
        Interrupted = reply.Replayed ? (Interrupted.Undone, Interrupted.Done + 1) : (Interrupted.Undone + 1, Interrupted.Done);
        return reply;
    }

    private async Task<Reply?> TrySendAsync(Message message)
    {
        try
        {
            return await message.SendAsync(Process);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return null;
        }
    }
}
