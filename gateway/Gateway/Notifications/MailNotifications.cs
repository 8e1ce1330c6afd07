using System.Text.Json;
using Dapper;
using Marketplace.Gateway.Mail;
using Marketplace.Platform.Requests;
using Marketplace.Portal.Api;
using Marketplace.Portal.Notifications;
using Marketplace.Portal.Texts;
using Npgsql;

namespace Marketplace.Gateway.Notifications;

/// <summary>
/// Mails notifications, where SMTP is configured, to those who take letters, in their language. What could not be handed
/// over within a day is no news any more and stays in the portal alone; so does what was told while there was no SMTP.
/// </summary>
public sealed class MailNotifications(NpgsqlDataSource source, Post post, PortalAddress portal, IConfiguration configuration, TimeProvider clock, ILogger<MailNotifications> log)
    : Mailing(source, TimeSpan.FromSeconds(2), clock, log)
{
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    private sealed record Due(Guid Id, string Kind, string Data, DateTime GivenAt, DateTime CreatedAt, int Tries, string Email, string DisplayName, string? Language, bool IsWanted);

    /// <inheritdoc />
    protected override async Task<bool> SendNextAsync(NpgsqlConnection db, DateTime now, CancellationToken ct)
    {
        if (!post.SendsMail)
        {
            return false;
        }

        var due = await db.QuerySingleOrDefaultAsync<Due>(
            """
            select n.id, n.kind, n.data::text, n.given_at, n.created_at, m.tries, a.email, a.display_name, a.language, a.mails_notices and a.disabled_at is null as is_wanted
            from notification_mail m join notification n on n.id = m.notification_id join account a on a.id = n.account_id
            where m.send_at <= @now order by m.send_at limit 1 for update of m skip locked
            """,
            new { now });
        if (due is null)
        {
            return false;
        }

        if (!due.IsWanted || due.CreatedAt + GiveUpAfter <= now)
        {
            await db.ExecuteAsync("delete from notification_mail where notification_id = @Id", new { due.Id });
            return true;
        }

        if (await post.SendAsync(ToLetter(due), ct))
        {
            await db.ExecuteAsync("delete from notification_mail where notification_id = @Id; update notification set mailed_at = @now where id = @Id;", new { due.Id, now });
            return true;
        }

        // The mail server is away as a rule, not the one mailbox: the others need not be tried at once.
        await db.ExecuteAsync(
            "update notification_mail set send_at = @next, tries = tries + 1 where notification_id = @Id", new { due.Id, next = NextTry(now, due.Tries, LongestPause) });
        return false;
    }

    private Letter ToLetter(Due due)
    {
        var notice = new Notice(due.Id, due.Kind, JsonSerializer.Deserialize<NoticeFields>(due.Data, Json.Options)!, due.GivenAt, null);
        var text = new NoticeText(due.Language == "en" ? Wording.English : Wording.French, notice);
        return new Letter(due.Email, text.Subject, text.Letter(due.DisplayName, path => AddressOf(path, configuration, portal)), due.Id);
    }
}
