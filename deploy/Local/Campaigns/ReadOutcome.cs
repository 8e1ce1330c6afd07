using System.Collections.Concurrent;
using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>Reads through the API what everything came to.</summary>
internal static class ReadOutcome
{
    private static readonly string[] CameToNothing = ["withdrawn", "released", "cancelled"];

    public static async Task<CampaignOutcome> RunAsync(Stage stage, IReadOnlyList<FilledPool> filled, int toppedUp, CancellationToken ct)
    {
        var keys = stage.Programmes.ToDictionary(programme => programme.Value, programme => programme.Key);
        var pools = new Dictionary<string, PoolOutcome>();
        var commitments = new Dictionary<string, CommitmentOutcome>();
        foreach (var pool in filled)
        {
            var outcomes = await CommitmentsAsync(stage, pool, keys, ct);
            foreach (var commitment in pool.Pool.Commitments.Where(commitment => outcomes.ContainsKey(commitment.Business)))
            {
                commitments[$"{pool.Pool.Key}/{commitment.Business}"] = outcomes[commitment.Business];
            }

            var body = (await stage.Api.GetAsync($"/api/pools/{pool.Id}", null, ct)).OrThrow();
            var allocated = outcomes.Values.Where(outcome => outcome.AllocatedQuantity is > 0).ToList();
            pools[pool.Pool.Key] = new PoolOutcome(
                body.Text("status")!, Number(body.Body, "awardedUnitPriceCents"), allocated.Sum(outcome => outcome.AllocatedQuantity!.Value), allocated.Count);
        }

        var programmes = new Dictionary<string, ProgrammeOutcome>();
        foreach (var programme in stage.Campaign.Programmes)
        {
            var body = (await stage.Api.GetAsync($"/api/subsidies/programmes/{stage.Programmes[programme.Key]}", stage.Town.Finance, ct)).OrThrow().Body;
            programmes[programme.Key] = new ProgrammeOutcome(
                Grants.Cents(body, "budgetCents"),
                Grants.Cents(body, "reservedCents") + Grants.Cents(body, "grantedCents") + Grants.Cents(body, "paidCents"),
                Grants.Cents(body, "availableCents"));
        }

        return new CampaignOutcome(pools, commitments, programmes, toppedUp) { Refusals = [.. stage.Refusals] };
    }

    private static async Task<IReadOnlyDictionary<string, CommitmentOutcome>> CommitmentsAsync(
        Stage stage, FilledPool pool, IReadOnlyDictionary<string, string> keys, CancellationToken ct)
    {
        var outcomes = new ConcurrentDictionary<string, CommitmentOutcome>();
        await Parallel.ForEachAsync(pool.Commitments, new ParallelOptions { MaxDegreeOfParallelism = Stage.Parallel, CancellationToken = ct }, async (joined, stop) =>
        {
            var body = (await stage.Api.GetAsync($"/api/commitments/{joined.Value}", stage.Businesses[joined.Key], stop)).OrThrow().Body;
            outcomes[joined.Key] = Commitment(body, pool.Pool, keys);
        });
        return outcomes;
    }

    private static CommitmentOutcome Commitment(JsonElement body, CampaignPool pool, IReadOnlyDictionary<string, string> keys)
    {
        var outcome = new CommitmentOutcome(body.GetProperty("status").GetString()!);
        if (CameToNothing.Contains(outcome.Status) || Number(body, "allocatedQuantity") is not { } allocated)
        {
            return outcome;
        }

        var aid = pool.Programmes.ToDictionary(key => key, _ => 0L);
        var limits = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var part in body.GetProperty("aid").EnumerateArray())
        {
            var key = keys[part.GetProperty("programmeId").GetString()!];
            aid[key] = Grants.Cents(part, "amountCents");
            if (part.TryGetProperty("limitedBy", out var named) && named.ValueKind == JsonValueKind.Array && named.GetArrayLength() > 0)
            {
                limits[key] = named.EnumerateArray().Select(limit => limit.GetString()!).ToList();
            }
        }

        return outcome with
        {
            AllocatedQuantity = allocated,
            UnitPriceCents = Number(body, "unitPriceCents"),
            NetCents = Number(body, "netCents"),
            VatCents = Number(body, "vatCents"),
            Aid = aid,
            LimitedBy = limits,
            AidCents = Number(body, "aidCents"),
            PayableCents = Number(body, "payableCents"),
        };
    }

    private static long? Number(JsonElement body, string field) =>
        body.TryGetProperty(field, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : null;
}
