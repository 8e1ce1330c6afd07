using Dapper;
using Marketplace.Events.Accreditation;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.Accreditation.Register;

/// <summary>
/// Tells providers, 60 days and again 15 days before, that an accreditation ends or a mandatory document that it rests on,
/// with which it ends 30 days later (DOMAIN §4). Each is told once per end and distance; when both distances have passed,
/// as after an outage or for a document that was short from the start, only the nearer one. Whoever has renewed in time,
/// by another active accreditation of at least this scope that lasts longer, is left in peace. A document ends as
/// <see cref="Validity"/> counts it, as its day begins in UTC.
/// </summary>
public sealed class WarnOfEnds(Session session, FactLog facts, OutboxSignal outbox, TimeProvider clock) : IDueWork
{
    private const int BatchSize = 200;

    public async Task RunAsync(CancellationToken ct)
    {
        while (await WarnBatchAsync(ct) == BatchSize)
        {
        }
    }

    private async Task<int> WarnBatchAsync(CancellationToken ct)
    {
        var now = clock.GetUtcNow().UtcDateTime;
        await session.BeginAsync(ct);
        var db = await session.OpenAsync(ct);
        var given = (await db.QueryAsync<Given>(
            """
            with coming as (
              select 'accreditation-expires' as kind, a.id as accreditation_id, null as criterion_key, a.valid_until as ends_at
              from accreditation a where a.status in ('active', 'suspended')
              union all
              select 'evidence-expires', a.id, e.criterion_key, e.expires_on::timestamp at time zone 'UTC'
              from accreditation a
              join evidence e on e.application_id = a.application_id and e.expires_on between @today and @lastDay
              join criterion c on c.scheme_version = e.scheme_version and c.key = e.criterion_key and c.mandatory and c.categories && a.categories
              where a.status in ('active', 'suspended')
            ), near as (
              select k.*, case when k.ends_at <= @soon then 15 else 60 end as days_before
              from coming k where k.ends_at > @now and k.ends_at <= @later
            ), due as (
              select k.kind, k.accreditation_id, k.criterion_key, k.ends_at, k.days_before
              from near k join accreditation a on a.id = k.accreditation_id
              where not exists (
                  select from notice n where n.accreditation_id = k.accreditation_id and n.kind = k.kind
                    and n.criterion_key is not distinct from k.criterion_key and n.ends_at = k.ends_at and n.days_before <= k.days_before)
                and not exists (
                  select from accreditation b where b.provider_id = a.provider_id and b.id <> a.id and b.status = 'active'
                    and b.categories @> a.categories and b.territories @> a.territories and b.valid_until > a.valid_until)
              order by k.ends_at, k.accreditation_id, k.kind, k.criterion_key limit @BatchSize
            ), given as (
              insert into notice (id, kind, accreditation_id, criterion_key, ends_at, days_before, given_at)
              select gen_random_uuid(), kind, accreditation_id, criterion_key, ends_at, days_before, @now from due
              order by accreditation_id, kind, criterion_key
              on conflict do nothing
              returning id, kind, accreditation_id, criterion_key, ends_at
            )
            select g.id, g.kind, a.provider_id, a.number, g.criterion_key, g.ends_at from given g join accreditation a on a.id = g.accreditation_id
            """, new { now, soon = now.AddDays(15), later = now.AddDays(60), today = DateOnly.FromDateTime(now), lastDay = DateOnly.FromDateTime(now).AddDays(60), BatchSize })).AsList();
        await facts.AppendAsync(
            [.. given.Select(g => facts.New(g.Id, 1, new AccreditationNoticeGiven(g.Id, g.Kind, g.ProviderId, g.Number, g.CriterionKey, g.EndsAt, now, 1)))], ct);
        await session.CommitAsync(ct);
        if (given.Count > 0)
        {
            outbox.Wake();
        }

        return given.Count;
    }

    private sealed record Given(Guid Id, string Kind, Guid ProviderId, string Number, string? CriterionKey, DateTime EndsAt);
}
