using Dapper;
using Marketplace.Gateway.Accounts;
using Marketplace.Gateway.Mail;
using Marketplace.Platform.Facts;
using Marketplace.Portal.Api;
using Npgsql;

namespace Marketplace.Gateway.Passwords;

/// <summary>
/// Sends the links that were asked for. The token is made as the letter is, and only its hash is stored; a letter that
/// cannot be handed over is tried again with another token, for an hour. Any instance may send; a row's lock lets one.
/// Staff whom the provider recognises gets none: who loses the role there must not keep a password here.
/// </summary>
public sealed partial class SendResetLinks(NpgsqlDataSource source, Post post, PortalAddress portal, IConfiguration configuration, TimeProvider clock, ILogger<SendResetLinks> log) : BackgroundService
{
    /// <summary>More in an hour than anyone needs is a nuisance to the owner of the mailbox: no more are sent.</summary>
    private const int MostAnHour = 5;

    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(1);
    private readonly SemaphoreSlim asked = new(0, 1);

    private sealed record Wish(Guid Id, string EmailKey, string Language, bool IsWelcome, DateTime RequestedAt, int Tries);

    /// <summary>There is something to send.</summary>
    public void Wake()
    {
        if (asked.CurrentCount == 0)
        {
            try
            {
                asked.Release();
            }
            catch (SemaphoreFullException)
            {
                // Another request woke it between the two lines: once is enough.
            }
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            try
            {
                while (await SendNextAsync(stoppingToken))
                {
                }
            }
            catch (NpgsqlException e)
            {
                Failed(log, e);
            }

            await asked.WaitAsync(Rest, stoppingToken);
        }
    }

    private async Task<bool> SendNextAsync(CancellationToken ct)
    {
        await using var db = await source.OpenConnectionAsync(ct);
        await using var transaction = await db.BeginTransactionAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
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
                new { wish.Id, next = now + TimeSpan.FromMinutes(Math.Min(10, 1 + wish.Tries)) });
        }

        await transaction.CommitAsync(ct);
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
        var address = configuration["PublicAddress"] is { Length: > 0 } given ? new Uri(given) : portal.Api;
        return await post.SendAsync(Letters.ChoosePassword(account, new Uri(address, $"/nouveau-mot-de-passe?jeton={token}"), wish.Language, wish.IsWelcome), ct);
    }

    private static Task<bool> IsNuisanceAsync(NpgsqlConnection db, Guid accountId, DateTime now) => db.ExecuteScalarAsync<bool>(
        "select count(*) >= @MostAnHour from password_reset where account_id = @accountId and sent_at > @since", new { MostAnHour, accountId, since = now.AddHours(-1) });

    [LoggerMessage(LogLevel.Warning, "Links to choose a new password were not sent; it is tried again")]
    private static partial void Failed(ILogger log, Exception e);
}
