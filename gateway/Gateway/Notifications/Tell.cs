using System.Text.Json;
using Dapper;
using Marketplace.Platform.Requests;
using Marketplace.Platform.Storage;

namespace Marketplace.Gateway.Notifications;

/// <summary>What an organisation is told.</summary>
public sealed record Told(Guid OrganisationId, NoticeData Data);

/// <summary>
/// Stores a notice for every open account of the organisations it is for, once per account however often it is
/// delivered, with a letter for those who take letters. Organisations without an account are told nothing.
/// </summary>
public sealed class Tell(Session session, TimeProvider clock)
{
    /// <summary>Inside the transaction of the message.</summary>
    public async Task AllAsync(Guid noticeId, string kind, DateTime givenAt, IReadOnlyCollection<Told> told, CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        await db.ExecuteAsync(
            """
            with told as (
              insert into notification (id, notice_id, account_id, kind, data, given_at, created_at)
              select gen_random_uuid(), @noticeId, a.id, @kind, t.data::jsonb, @givenAt, @now
              from unnest(@organisations, @data) as t (organisation_id, data)
              join account a on a.organisation_id = t.organisation_id and a.disabled_at is null
              on conflict on constraint notification_once do nothing
              returning id, account_id
            )
            insert into notification_mail (notification_id, send_at)
            select told.id, @now from told join account a on a.id = told.account_id where a.mails_notices
            """,
            new
            {
                noticeId,
                kind,
                givenAt,
                now = clock.GetUtcNow().UtcDateTime,
                organisations = told.Select(t => t.OrganisationId).ToArray(),
                data = told.Select(t => JsonSerializer.Serialize(t.Data, Json.Options)).ToArray(),
            });
    }
}
