using Dapper;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Storage;
using Marketplace.Platform.Time;

namespace Marketplace.PooledOrders.Pools;

/// <summary>
/// Opens scheduled pools at their time, freezes open pools whose provider has no active accreditation in scope, and
/// thaws them when it has again, with the lost time added to the deadline (DOMAIN §2, §4). It goes by state, so it may
/// run at any time: when an accreditation changes, and once a second.
/// </summary>
public sealed class FollowAccreditation(Session session, FactLog facts, TimeProvider clock) : IDueWork
{
    private const string Covered =
        """
        exists (select from accreditation a join pack_version v on v.provider_id = a.provider_id
                where v.pack_id = p.pack_id and v.pack_version = p.pack_version
                  and a.status = 'active' and v.category = any(a.categories) and p.territories <@ a.territories)
        """;

    public async Task RunAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var isDue = await db.ExecuteScalarAsync<bool>(
            $"""
            select exists (select from pool p where status = 'scheduled' and opens_at <= @now
                           or status = 'open' and closes_at > @now and not {Covered}
                           or status = 'frozen' and {Covered})
            """, new { now = clock.GetUtcNow().UtcDateTime });
        if (isDue)
        {
            await session.BeginAsync(ct);
            await ApplyAsync(ct);
            await session.CommitAsync(ct);
        }
    }

    /// <summary>Brings every pool into the state that the accreditations ask for, in the current transaction.</summary>
    public async Task ApplyAsync(CancellationToken ct)
    {
        var db = await session.OpenAsync(ct);
        var now = clock.GetUtcNow().UtcDateTime;
        var opened = await ChangedAsync("status = 'scheduled' and opens_at <= @now", "status = 'open'");
        var frozen = await ChangedAsync($"status = 'open' and closes_at > @now and not {Covered}", "status = 'frozen', frozen_at = @now");
        var thawed = await ChangedAsync($"status = 'frozen' and {Covered}", "status = 'open', closes_at = closes_at + (@now - frozen_at), frozen_at = null");
        await facts.AppendAsync(
            [
                .. opened.Select(p => facts.New(p.Id, p.Version, new PoolOpened(p.Id))),
                .. frozen.Select(p => facts.New(p.Id, p.Version, new PoolFrozen(p.Id))),
                .. thawed.Select(p => facts.New(p.Id, p.Version, new PoolThawed(p.Id, p.ClosesAt))),
            ], ct);

        async Task<IReadOnlyList<(Guid Id, int Version, DateTime ClosesAt)>> ChangedAsync(string condition, string change) =>
            (await db.QueryAsync<(Guid, int, DateTime)>(
                $"""
                update pool set {change}, version = version + 1
                where id in (select id from pool p where {condition} order by id for update)
                returning id, version, closes_at
                """, new { now })).ToList();
    }
}
