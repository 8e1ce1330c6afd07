using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>A pool that was opened, and the commitments that joined it.</summary>
/// <param name="Commitments">Ids by key of the business.</param>
internal sealed record FilledPool(CampaignPool Pool, string Id, DateTimeOffset ClosesAt, IReadOnlyDictionary<string, string> Commitments);

/// <summary>The buyer opens a pool; businesses join one after the other; then those who think better of it withdraw.</summary>
internal static class FillPool
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(15);

    /// <returns>Null when the pool was refused.</returns>
    public static async Task<FilledPool?> RunAsync(Stage stage, CampaignPool pool, DateTimeOffset closesAt, CancellationToken ct)
    {
        if (await OpenAsync(stage, pool, stage.Now, closesAt, ct) is not { } poolId)
        {
            return null;
        }

        var joined = new Dictionary<string, string>();
        foreach (var commitment in pool.Commitments)
        {
            if (await JoinAsync(stage, pool, poolId, commitment, ct) is { } id)
            {
                joined[commitment.Business] = id;
            }

            stage.Step($"{commitment.Business} joins {pool.Key}");
        }

        foreach (var commitment in pool.Commitments.Where(commitment => commitment.Withdraws))
        {
            if (joined.TryGetValue(commitment.Business, out var id))
            {
                await WithdrawAsync(stage, pool, poolId, commitment, id, ct);
            }

            stage.Step($"{commitment.Business} withdraws from {pool.Key}");
        }

        return new FilledPool(pool, poolId, closesAt, joined);
    }

    /// <summary>Waits until the pool is open when it opens at once.</summary>
    /// <returns>Its id; null when it was refused.</returns>
    public static async Task<string?> OpenAsync(Stage stage, CampaignPool pool, DateTimeOffset opensAt, DateTimeOffset closesAt, CancellationToken ct)
    {
        var body = pool.Entry.Without("pack", "programmes", "commitments");
        body["packId"] = stage.Packs[pool.Pack];
        body["title"] ??= stage.Campaign.Packs.First(pack => pack.Key == pool.Pack).Text("name");
        body["programmeIds"] = new JsonArray(pool.Programmes.Select(key => (JsonNode)stage.Programmes[key]).ToArray());
        body["opensAt"] = Stage.Instant(opensAt);
        body["closesAt"] = Stage.Instant(closesAt);
        var created = await Stage.AgainWhileLateAsync(() => stage.Api.PostAsync("/api/pools", body, stage.Town.Buyer, ct), ct);
        if (!created.IsSuccess)
        {
            stage.Refusals.Enqueue($"{pool.Key}: {created.Sentence}");
            return null;
        }

        var id = created.Text("id")!;
        if (opensAt <= stage.Now)
        {
            await Stage.UntilAsync(
                () => stage.Api.GetAsync($"/api/pools/{id}", null, ct), answer => answer.Text("status") == "open", Interval,
                answer => $"the pool {pool.Key} is not open but {answer.Text("status")}", ct);
        }

        stage.Step($"{pool.Key} opens");
        return id;
    }

    /// <returns>The commitment's id; null when it was refused.</returns>
    public static async Task<string?> JoinAsync(Stage stage, CampaignPool pool, string poolId, CampaignCommitment commitment, CancellationToken ct)
    {
        var business = stage.Businesses[commitment.Business];
        var joined = await stage.Api.PostAsync($"/api/pools/{poolId}/commitments", commitment.Fields, business, ct);
        if (!joined.IsSuccess)
        {
            stage.Refusals.Enqueue($"{pool.Key}/{commitment.Business}: {joined.Sentence}");
            return null;
        }

        var id = joined.Text("id")!;
        var settled = joined.Text("status") != "pending" ? joined : await Stage.UntilAsync(
            () => stage.Api.GetAsync($"/api/commitments/{id}", business, ct), answer => answer.OrThrow().Text("status") != "pending", Interval,
            _ => $"the commitment {pool.Key}/{commitment.Business} is still pending", ct);
        if (settled.Text("status") != "committed")
        {
            stage.Refusals.Enqueue($"{pool.Key}/{commitment.Business}: it is not committed but {settled.Text("status")}");
        }

        return id;
    }

    /// <summary>Withdraws, and waits until its aid is back in the envelopes: the next who asks must find it there.</summary>
    private static async Task WithdrawAsync(Stage stage, CampaignPool pool, string poolId, CampaignCommitment commitment, string id, CancellationToken ct)
    {
        var name = $"{pool.Key}/{commitment.Business}";
        var business = stage.Businesses[commitment.Business];
        var withdrawn = await stage.Api.PostAsync($"/api/commitments/{id}/withdraw", null, business, ct);
        if (!withdrawn.IsSuccess)
        {
            stage.Refusals.Enqueue($"{name}: {withdrawn.Sentence}");
            return;
        }

        await Stage.UntilAsync(
            () => stage.Api.GetAsync($"/api/commitments/{id}", business, ct), answer => answer.OrThrow().Text("status") == "withdrawn", Interval,
            answer => $"the commitment {name} is not withdrawn but {answer.Text("status")}", ct);
        var siren = stage.Campaign.Businesses.First(entry => entry.Key == commitment.Business).Siren;
        await Stage.UntilAsync(
            () => Grants.OfPoolAsync(stage, poolId, ct, siren), grants => !grants.Any(grant => grant.CommitmentId == id && grant.IsReserved), Interval,
            _ => $"the aid of {name} is still reserved", ct);
    }
}
