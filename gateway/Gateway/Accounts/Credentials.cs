using Dapper;
using Npgsql;

namespace Marketplace.Gateway.Accounts;

/// <summary>An account with what its holder is recognised by.</summary>
/// <param name="PasswordHash">Null for who signs in by a provider only.</param>
/// <param name="TotpSecret">Sealed; null without two-factor sign-in.</param>
/// <param name="TotpPending">Sealed; enrolled, but not confirmed by a first code.</param>
/// <param name="TotpStep">Time step of the last accepted code.</param>
public sealed record Credentials(
    Guid Id, string Email, string DisplayName, string? PasswordHash, string[] Roles, Guid? OrganisationId, int Version, DateTime? DisabledAt,
    byte[]? TotpSecret, byte[]? TotpPending, long? TotpStep)
{
    private const string Select =
        "select id, email, display_name, password_hash, roles, organisation_id, version, disabled_at, totp_secret, totp_pending, totp_step from account";

    /// <summary>True for the town's staff.</summary>
    public bool IsStaff => OrganisationId is null;

    /// <summary>The account with its roles; without them, when it may do nothing yet but set up its second factor.</summary>
    public Account ToAccount(bool withRoles = true) => new(Id, Email, DisplayName, PasswordHash, withRoles ? Roles : [], OrganisationId);

    /// <summary>The account of an e-mail, however it is spelled.</summary>
    public static Task<Credentials?> OfEmailAsync(NpgsqlConnection db, string email) =>
        db.QuerySingleOrDefaultAsync<Credentials>(Select + " where email_key = @key", new { key = Accounts.Email.Key(email) });

    /// <summary>An account as it is.</summary>
    public static Task<Credentials?> OfIdAsync(NpgsqlConnection db, Guid? id) => db.QuerySingleOrDefaultAsync<Credentials>(Select + " where id = @id", new { id });

    /// <summary>An account, as it stays until the transaction ends.</summary>
    public static Task<Credentials?> LockAsync(NpgsqlConnection db, Guid? id) =>
        db.QuerySingleOrDefaultAsync<Credentials>(Select + " where id = @id for update", new { id });
}
