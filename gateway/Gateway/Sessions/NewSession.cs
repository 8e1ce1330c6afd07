using Dapper;
using Npgsql;

namespace Marketplace.Gateway.Sessions;

/// <summary>The begin and the end of sessions, in the transaction of what causes them.</summary>
public static class NewSession
{
    /// <summary>Begins one; <paramref name="expiresAt"/> and <paramref name="at"/> by the system's clock.</summary>
    public static async Task<Guid> BeginAsync(NpgsqlConnection db, Guid accountId, Client client, DateTime at, DateTime expiresAt)
    {
        var id = Guid.CreateVersion7();
        await db.ExecuteAsync(
            """
            insert into session (id, account_id, address, user_agent, created_at, expires_at, last_used_at)
            values (@id, @accountId, @Address, @UserAgent, @at, @expiresAt, @at)
            """,
            new { id, accountId, client.Address, client.UserAgent, at, expiresAt });
        return id;
    }

    /// <summary>Ends the open sessions of an account, but for <paramref name="except"/>; returns which.</summary>
    public static async Task<Guid[]> EndAllAsync(NpgsqlConnection db, Guid accountId, Guid? except = null) => (await db.QueryAsync<Guid>(
        """
        update session set ended_at = @now
        where account_id = @accountId and ended_at is null and expires_at > @now and id is distinct from @except
        returning id
        """,
        new { accountId, except, now = TimeProvider.System.GetUtcNow().UtcDateTime })).ToArray();
}
