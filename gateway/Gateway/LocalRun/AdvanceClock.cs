using System.Xml;
using Marketplace.Platform.Answers;
using Marketplace.Platform.Identity;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Time;

namespace Marketplace.Gateway.LocalRun;

/// <summary>
/// Moves every process's clock forward and waits until each has done what became due. Only where the local run switched
/// it on (<c>LocalClock:File</c>); elsewhere the address does not exist.
/// </summary>
public sealed class AdvanceClock : IEndpoint
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(3653);
    private static readonly DateTimeOffset Latest = new(2150, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly SemaphoreSlim OneAtATime = new(1);

    public sealed record Body(string? Advance);

    public sealed record Moved(DateTime Now);

    public static void Map(IEndpointRouteBuilder routes)
    {
        if (routes.ServiceProvider.GetRequiredService<TimeProvider>() is not LocalClock clock)
        {
            return;
        }

        routes.MapPost("/api/local/clock", (Body? body, Followers followers, CancellationToken ct) => AdvanceAsync(clock, body, followers, ct))
            .RequireRole(Roles.Admin)
            .WithTags("Local run")
            .WithSummary("Moves every service's clock forward (admin; local run only).")
            .Produces<Moved>();
    }

    private static async Task<Answer> AdvanceAsync(LocalClock clock, Body? body, Followers followers, CancellationToken ct)
    {
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (Duration(body?.Advance) is not { } by || clock.GetUtcNow() + by > Latest)
            {
                return Problem.Invalid("advance", "An ISO 8601 duration such as P8D is expected, more than zero and at most ten years.");
            }

            // From here on the clock has moved: a client that hangs up must not leave the followers behind.
            clock.Advance(by);
            return await followers.FollowAsync(CancellationToken.None) is { } left
                ? new Problem(502, "clock-not-followed", "The clock moved, but not every process followed.", left)
                : Answer.Ok(new Moved(clock.GetUtcNow().UtcDateTime));
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>The duration, if it is one within the bounds; months count 30 days and years 365, as XML Schema's conversion has it.</summary>
    private static TimeSpan? Duration(string? text)
    {
        if (text is not { Length: > 0 and <= 60 })
        {
            return null;
        }

        try
        {
            var duration = XmlConvert.ToTimeSpan(text);
            return duration > TimeSpan.Zero && duration <= Longest ? duration : null;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return null;
        }
    }
}
