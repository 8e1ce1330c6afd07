using System.Threading.RateLimiting;
using Marketplace.Platform.Answers;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Marketplace.Gateway.Accounts;

/// <summary>
/// PBKDF2 by ASP.NET Core Identity. A hash takes a core for tens of milliseconds: two at a time, on threads of their own,
/// so that a storm of sign-ins leaves the proxy its threads.
/// </summary>
public sealed class PasswordHashing : IDisposable
{
    private const int Iterations = 100_000;
    private const int AtATime = 2;
    private const int Waiting = 500;
    private static readonly object Nobody = new();
    private readonly PasswordHasher<object> hasher = new(Options.Create(new PasswordHasherOptions { IterationCount = Iterations }));
    private readonly ConcurrencyLimiter slots = new(new() { PermitLimit = AtATime, QueueLimit = Waiting, QueueProcessingOrder = QueueProcessingOrder.OldestFirst });
    private readonly Lazy<string> hashOfNobody;

    /// <summary>The hasher; the dummy hash is made at the first verification, whoever's that is.</summary>
    public PasswordHashing() => hashOfNobody = new(() => hasher.HashPassword(Nobody, Guid.NewGuid().ToString()));

    /// <summary>The hash to store.</summary>
    public Task<string> HashAsync(Secret password) => OnItsOwnThread(() => hasher.HashPassword(Nobody, password.Reveal()));

    /// <summary>Whether the password is the right one; takes the same time when there is no account (<paramref name="hash"/> null).</summary>
    public Task<bool> IsRightAsync(string? hash, Secret password) => OnItsOwnThread(() =>
    {
        var nobody = hashOfNobody.Value;
        return hasher.VerifyHashedPassword(Nobody, hash ?? nobody, password.Reveal()) != PasswordVerificationResult.Failed && hash is not null;
    });

    /// <summary>
    /// Endpoint filter: one of the two slots for the whole call, taken before any database connection is, so that
    /// waiting calls hold nothing. 503 when too many wait already.
    /// </summary>
    public async ValueTask<object?> HoldSlotAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        using var slot = await slots.AcquireAsync(1, context.HttpContext.RequestAborted);
        if (slot.IsAcquired)
        {
            return await next(context);
        }

        context.HttpContext.Response.Headers.RetryAfter = "5";
        return (Answer)new Problem(503, "busy", "Too many sign-ins are waiting.", "Try again in a few seconds.");
    }

    /// <inheritdoc />
    public void Dispose() => slots.Dispose();

    private static Task<T> OnItsOwnThread<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}

/// <summary>Marks the endpoints that hash passwords.</summary>
public static class PasswordEndpoints
{
    /// <summary>Bounds how many such calls run at a time (<see cref="PasswordHashing.HoldSlotAsync"/>).</summary>
    public static RouteHandlerBuilder HashesPasswords(this RouteHandlerBuilder endpoint) =>
        endpoint.AddEndpointFilter((context, next) => context.HttpContext.RequestServices.GetRequiredService<PasswordHashing>().HoldSlotAsync(context, next));
}
