using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Identity;
using Npgsql;

namespace Marketplace.Gateway.Accounts;

/// <summary>
/// The administrator that configuration names (<c>MARKETPLACE_ADMIN_EMAIL</c>, <c>MARKETPLACE_ADMIN_PASSWORD</c>), made
/// at start when its e-mail has no account; an account that exists is left as it is.
/// </summary>
public static class FirstAdministrator
{
    /// <summary>Does nothing when either setting is absent.</summary>
    public static async Task CreateAsync(IServiceProvider services, IConfiguration configuration)
    {
        if (configuration["MARKETPLACE_ADMIN_EMAIL"] is not { Length: > 0 } email || configuration["MARKETPLACE_ADMIN_PASSWORD"] is not { Length: > 0 } password)
        {
            return;
        }

        await using var db = await services.GetRequiredService<NpgsqlDataSource>().OpenConnectionAsync();
        if (await db.ExecuteScalarAsync<bool>("select exists (select from account where email_key = @key)", new { key = Email.Key(email) }))
        {
            return;
        }

        var at = services.GetRequiredService<TimeProvider>().GetUtcNow().UtcDateTime;
        var hash = await services.GetRequiredService<PasswordHashing>().HashAsync(new Secret(password));
        var account = new Account(Guid.CreateVersion7(), email.Trim(), "Administrator", hash, [Roles.Admin], null);
        await using var transaction = await db.BeginTransactionAsync();
        if (await NewAccount.InsertAsync(db, account, at))
        {
            await FactLog.AppendAsync(db, [new NewFact(account.Id, 1, new StaffAccountCreated(account.Roles), at)], CancellationToken.None);
        }

        await transaction.CommitAsync();
    }
}
