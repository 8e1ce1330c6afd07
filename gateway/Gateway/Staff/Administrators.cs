using Dapper;
using Marketplace.Platform.Answers;
using Npgsql;

namespace Marketplace.Gateway.Staff;

/// <summary>There is always somebody who can let others in.</summary>
public static class Administrators
{
    /// <summary>409: the last active administrator stays one.</summary>
    public static readonly Problem LastOne = Problem.Conflict("last-administrator", "This is the last active administrator.", "Make somebody else administrator first.");

    /// <summary>
    /// True when nobody but <paramref name="id"/> is an active administrator. Their rows stay locked, in one order, so
    /// that two of them cannot remove each other at once.
    /// </summary>
    public static async Task<bool> IsLastAsync(NpgsqlConnection db, Guid id)
    {
        var all = (await db.QueryAsync<Guid>("select id from account where 'admin' = any(roles) and disabled_at is null order by id for update")).ToList();
        return all.Count == 1 && all[0] == id;
    }
}
