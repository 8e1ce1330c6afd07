using System.Text.Json;
using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>A paid commitment whose delivery was declared.</summary>
/// <param name="Name"><c>pool/business</c>.</param>
/// <param name="Provider">Key of the provider.</param>
/// <param name="Business">Key of the business.</param>
/// <param name="Id">The commitment.</param>
/// <param name="Ordered">Its amounts before.</param>
/// <param name="Quantity">Units delivered.</param>
internal sealed record Delivery(string Name, string Provider, string Business, string Id, CommitmentAmounts Ordered, long Quantity);

/// <summary>
/// The providers declare delivery for all paid commitments of every confirmed pool. One pool is delivered a unit short:
/// the one with the dearest units in which everybody paid and somebody has units to spare.
/// </summary>
internal static class DeliverPools
{
    private const string Paid = "paid";

    public static async Task<IReadOnlyList<Delivery>> RunAsync(Stage stage, IReadOnlyList<FilledPool> pools, CancellationToken ct)
    {
        var confirmed = new List<(FilledPool Pool, List<JsonElement> Commitments)>();
        foreach (var pool in pools)
        {
            if ((await stage.Api.GetAsync($"/api/pools/{pool.Id}", null, ct)).OrThrow().Text("status") == "confirmed")
            {
                confirmed.Add((pool, await CommitmentsAsync(stage, pool, ct)));
            }
        }

        var shortened = confirmed
            .Where(pool => pool.Commitments.All(commitment => Status(commitment) == Paid) && pool.Commitments.Any(commitment => Allocated(commitment) > 1))
            .OrderByDescending(pool => Grants.Cents(pool.Commitments[0], "unitPriceCents"))
            .Select(pool => pool.Pool)
            .FirstOrDefault();
        var deliveries = new List<Delivery>();
        foreach (var (pool, commitments) in confirmed)
        {
            var paid = commitments.Where(commitment => Status(commitment) == Paid).ToList();
            await DeclareAsync(stage, pool, pool == shortened ? paid.Sum(Allocated) - 1 : null, ct);
            var after = (await CommitmentsAsync(stage, pool, ct)).ToDictionary(Id);
            deliveries.AddRange(paid.Select(commitment => Of(stage, pool, commitment, after[Id(commitment)])));
        }

        return deliveries;
    }

    /// <summary>The amounts that a commitment has at the moment.</summary>
    public static CommitmentAmounts Amounts(JsonElement commitment, long quantity) =>
        new(quantity, Grants.Cents(commitment, "netCents"), Grants.Cents(commitment, "aidCents"), Grants.Cents(commitment, "payableCents"));

    private static async Task DeclareAsync(Stage stage, FilledPool pool, long? quantity, CancellationToken ct)
    {
        var body = new JsonObject { ["deliveredOn"] = Stage.Day(stage.Today) };
        if (quantity is { } units)
        {
            body["quantity"] = units;
        }

        (await stage.Api.PostAsync($"/api/pools/{pool.Id}/delivery", body, stage.Providers[ProviderOf(stage, pool)], ct)).OrThrow();
    }

    private static Delivery Of(Stage stage, FilledPool pool, JsonElement before, JsonElement after)
    {
        var business = pool.Commitments.First(joined => joined.Value == Id(before)).Key;
        return new Delivery(
            $"{pool.Pool.Key}/{business}", ProviderOf(stage, pool), business, Id(before), Amounts(before, Allocated(before)), Grants.Cents(after, "deliveredQuantity"));
    }

    /// <summary>Those that something was allocated to.</summary>
    private static async Task<List<JsonElement>> CommitmentsAsync(Stage stage, FilledPool pool, CancellationToken ct) =>
        [.. (await stage.Api.ListAsync($"/api/pools/{pool.Id}/commitments", stage.Town.Buyer, ct)).Where(commitment => Allocated(commitment) > 0)];

    private static string ProviderOf(Stage stage, FilledPool pool) => stage.Campaign.Packs.First(pack => pack.Key == pool.Pool.Pack).Text("provider")!;

    private static string Id(JsonElement commitment) => commitment.GetProperty("id").GetString()!;

    private static string Status(JsonElement commitment) => commitment.GetProperty("status").GetString()!;

    private static long Allocated(JsonElement commitment) => Grants.Cents(commitment, "allocatedQuantity");
}
