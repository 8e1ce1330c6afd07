using Dapper;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.Extensions.Caching.Memory;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;

namespace Marketplace.Gateway.Sessions;

/// <summary>
/// Whether a session is still open. The answer is remembered for two seconds, so another instance may take that long to
/// refuse an ended session; and while it is asked, the session's last use is noted to five minutes.
/// </summary>
public sealed class OpenSessions(NpgsqlDataSource source, IMemoryCache cache)
{
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Coarse = TimeSpan.FromMinutes(5);

    /// <summary>False once it was ended or has expired.</summary>
    public async Task<bool> IsOpenAsync(Guid id, CancellationToken ct)
    {
        if (cache.TryGetValue<bool>(id, out var known))
        {
            return known;
        }

        await using var db = await source.OpenConnectionAsync(ct);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var isOpen = await db.ExecuteScalarAsync<bool>(
            """
            with used as (update session set last_used_at = @now where id = @id and ended_at is null and last_used_at < @before)
            select exists (select from session where id = @id and ended_at is null and expires_at > @now)
            """,
            new { id, now, before = now - Coarse });
        return cache.Set(id, isOpen, Remembered);
    }

    /// <summary>Refuses them from now on, without asking.</summary>
    public void Forget(IEnumerable<Guid> ids)
    {
        foreach (var id in ids)
        {
            cache.Set(id, false, Remembered);
        }
    }

    /// <summary>True for a while after <see cref="Forget"/>.</summary>
    public bool WasForgotten(Guid id) => cache.TryGetValue<bool>(id, out var isOpen) && !isOpen;

    /// <summary>
    /// Refuses tokens of ended sessions on the gateway's own addresses. Tokens that name no session were signed elsewhere
    /// with our key, by an operator's tool; the services judge by the signature alone.
    /// </summary>
    public static async Task RefuseEndedAsync(TokenValidatedContext context)
    {
        if (Guid.TryParse(context.Principal!.FindFirst(JwtRegisteredClaimNames.Jti)?.Value, out var id)
            && !await context.HttpContext.RequestServices.GetRequiredService<OpenSessions>().IsOpenAsync(id, context.HttpContext.RequestAborted))
        {
            context.Fail("The session has ended.");
        }
    }
}
