using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Platform.Answers;
using Npgsql;

namespace Marketplace.Gateway.TwoFactor;

/// <summary>Checks and uses up codes, in the transaction that holds the account's lock.</summary>
public sealed class SecondFactor(SealedSecrets sealedSecrets, IConfiguration configuration)
{
    /// <summary>401: the password was right, and now the code is asked for.</summary>
    public static readonly Problem CodeRequired = new(401, "code-required", "The code of the authenticator app is needed.", "Send the same again with code: six digits of the app, or a recovery code.");

    /// <summary>401: neither a code of now nor an unused recovery code.</summary>
    public static readonly Problem WrongCode = new(401, "wrong-code", "The code is wrong.", "A code is valid for about a minute and is accepted once.");

    /// <summary>True where staff may do nothing without a second factor (<c>Accounts:StaffTwoFactor=required</c>).</summary>
    public bool IsRequired(Credentials account) => account.IsStaff && configuration["Accounts:StaffTwoFactor"] == "required";

    /// <summary>The factor that the code proves (<c>totp</c>, <c>recovery-code</c>), used up with it; null when it is wrong.</summary>
    public async Task<string?> AcceptAsync(NpgsqlConnection db, Credentials account, string code, DateTime at)
    {
        if (account.TotpSecret is { } stored && sealedSecrets.Open(stored, account.Id) is { } secret
            && Totp.Accepts(secret, code, TimeProvider.System.GetUtcNow(), account.TotpStep) is { } step)
        {
            await db.ExecuteAsync("update account set totp_step = @step, totp_secret = @seal where id = @Id", new { step, seal = sealedSecrets.Seal(secret, account.Id), account.Id });
            return "totp";
        }

        var used = await db.ExecuteAsync(
            "update recovery_code set used_at = @at where account_id = @Id and hash = @hash and used_at is null", new { at, account.Id, hash = RecoveryCode.Hash(code) });
        return used == 1 ? "recovery-code" : null;
    }

    /// <summary>Takes the second factor away: the secret and all recovery codes.</summary>
    public static Task RemoveAsync(NpgsqlConnection db, Guid accountId) => db.ExecuteAsync(
        """
        update account set totp_secret = null, totp_pending = null, totp_step = null, version = version + 1 where id = @accountId;
        delete from recovery_code where account_id = @accountId;
        """,
        new { accountId });
}
