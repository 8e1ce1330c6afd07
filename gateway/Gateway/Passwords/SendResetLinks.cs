using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Mail;
using Marketplace.Platform.Facts;
using Marketplace.Portal.Api;
using Npgsql;

namespace Marketplace.Gateway.Passwords;

/// <summary>
/// Sends the links that were asked for. The token is made as the letter is, and only its hash is stored; a letter that
/// cannot be handed over is tried again with another token, for an hour. Staff whom the provider recognises gets none: who
/// loses the role there must not keep a password here.
/// </summary>
public sealed class SendResetLinks(NpgsqlDataSource source, Post post, PortalAddress portal, IConfiguration configuration, TimeProvider clock, ILogger<SendResetLinks> log)
    : Mailing(source, TimeSpan.FromSeconds(20), clock, log)
{
    /// <summary>More in an hour than anyone needs is a nuisance to the owner of the mailbox: no more are sent.</summary>
    private const int MostAnHour = 5;

    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private sealed record Wish(Guid Id, string EmailKey, string Language, bool IsWelcome, DateTime RequestedAt, int Tries);

    /// <inheritdoc />
    protected override async Task<bool> SendNextAsync(NpgsqlConnection db, DateTime now, CancellationToken ct)
    {
        var wish = await db.QuerySingleOrDefaultAsync<Wish>(
            "select id, email_key, language, is_welcome, requested_at, tries from password_reset where send_at <= @now order by send_at limit 1 for update skip locked", new { now });
        if (wish is null)
        {
            return false;
        }

        if (await Credentials.OfEmailAsync(db, wish.EmailKey) is not { DisabledAt: null } account || account is { IsStaff: true, PasswordHash: null } || wish.RequestedAt + GiveUpAfter <= now || await IsNuisanceAsync(db, account.Id, now))
        {
            await db.ExecuteAsync("delete from password_reset where id = @Id", new { wish.Id });
        }
        else if (await SendAsync(db, wish, account, now, ct) is false)
        {
            await db.ExecuteAsync(
                "update password_reset set send_at = @next, tries = tries + 1, token_hash = null, sent_at = null, account_id = null where id = @Id",
                new { wish.Id, next = NextTry(now, wish.Tries, LongestPause) });
        }

        return true;
    }

    private async Task<bool> SendAsync(NpgsqlConnection db, Wish wish, Credentials account, DateTime now, CancellationToken ct)
    {
        var token = ResetToken.New();
        await db.ExecuteAsync(
            """
            update password_reset set token_hash = null where account_id = @AccountId and token_hash is not null;
            update password_reset set send_at = null, account_id = @AccountId, token_hash = @hash, sent_at = @now where id = @Id;
            """,
            new { AccountId = account.Id, hash = ResetToken.Hash(token), now, wish.Id });
        await FactLog.AppendAsync(db, [new NewFact(account.Id, account.Version, new PasswordResetSent(), now)], ct);
        var link = AddressOf($"/nouveau-mot-de-passe?jeton={token}", configuration, portal);
        return await post.SendAsync(Letters.ChoosePassword(account, link, wish.Language, wish.IsWelcome), ct);
    }

    private static Task<bool> IsNuisanceAsync(NpgsqlConnection db, Guid accountId, DateTime now) => db.ExecuteScalarAsync<bool>(
        "select count(*) >= @MostAnHour from password_reset where account_id = @accountId and sent_at > @since", new { MostAnHour, accountId, since = now.AddHours(-1) });
}
