using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>A pool that was opened or announced, and who joined it so far.</summary>
internal sealed record OpenedPool(LaterPool Later, string Id, DateTimeOffset ClosesAt, Dictionary<string, string> Joined);

/// <summary>
/// The pools after the campaign's. Who is in one that stays open joins on two days, half and half, so that its course
/// shows more than one step.
/// </summary>
internal static class OpenPools
{
    public static async Task<IReadOnlyList<OpenedPool>> RunAsync(Stage stage, IReadOnlyList<LaterPool> pools, CancellationToken ct)
    {
        var opened = new List<OpenedPool>();
        foreach (var later in pools)
        {
            var (opensAt, closesAt) = (later.OpensLater ? stage.EveningIn(later.OpensInDays) : stage.Now, stage.EveningIn(later.ClosesInDays));
            if (await FillPool.OpenAsync(stage, later.Pool, opensAt, closesAt, ct) is { } id)
            {
                var pool = new OpenedPool(later, id, closesAt, []);
                var commitments = later.Pool.Commitments;
                await JoinAsync(stage, pool, later.ClosesDuringPlay ? commitments : commitments.Take(commitments.Count / 2), ct);
                opened.Add(pool);
            }
        }

        return opened;
    }

    /// <summary>The clock passes the deadlines of those that close during the play.</summary>
    public static async Task CloseAsync(Stage stage, IReadOnlyList<OpenedPool> pools, CancellationToken ct)
    {
        foreach (var pool in pools.Where(pool => pool.Later.ClosesDuringPlay).OrderBy(pool => pool.ClosesAt))
        {
            await ClosePool.RunAsync(stage, new FilledPool(pool.Later.Pool, pool.Id, pool.ClosesAt, pool.Joined), ct);
        }
    }

    /// <summary>The other half joins.</summary>
    public static async Task JoinOthersAsync(Stage stage, IReadOnlyList<OpenedPool> pools, CancellationToken ct)
    {
        foreach (var pool in pools.Where(pool => !pool.Later.ClosesDuringPlay))
        {
            var commitments = pool.Later.Pool.Commitments;
            await JoinAsync(stage, pool, commitments.Skip(commitments.Count / 2), ct);
        }
    }

    private static async Task JoinAsync(Stage stage, OpenedPool pool, IEnumerable<CampaignCommitment> commitments, CancellationToken ct)
    {
        foreach (var commitment in commitments)
        {
            if (await FillPool.JoinAsync(stage, pool.Later.Pool, pool.Id, commitment, ct) is { } id)
            {
                pool.Joined[commitment.Business] = id;
            }

            stage.Step($"{commitment.Business} joins {pool.Later.Pool.Key}");
        }
    }
}
