using System.Text.Json;

namespace Marketplace.Local.Campaigns;

/// <summary>Waits until the aid of everything that was delivered is due, and tells what came of the deliveries.</summary>
internal static class CertifyService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Underway = ["reserved", "granted", "committed"];

    /// <summary>No grant of these pools is on its way any more: it is due, or back in its envelope.</summary>
    public static async Task UntilDoneAsync(Stage stage, IReadOnlyList<FilledPool> pools, CancellationToken ct)
    {
        foreach (var pool in pools)
        {
            await Stage.UntilAsync(
                () => Grants.OfPoolAsync(stage, pool.Id, ct), grants => !grants.Any(IsUnderway), Interval,
                grants => $"{grants.Count(IsUnderway)} grants of {pool.Pool.Key} are still on their way ({string.Join(", ", grants.Where(IsUnderway).Select(grant => grant.Status).Distinct())})", ct);
        }
    }

    public static async Task<DeliveryOutcome> OutcomeAsync(Stage stage, IReadOnlyList<Delivery> deliveries, Words words, List<string> faults, CancellationToken ct)
    {
        ShortOutcome? shortened = null;
        var silent = 0;
        foreach (var delivery in deliveries)
        {
            var commitment = await Stage.UntilAsync(
                () => stage.Api.GetAsync($"/api/commitments/{delivery.Id}", stage.Businesses[delivery.Business], ct), answer => IsSettled(answer.OrThrow().Body, delivery), Interval,
                answer => $"the delivery of {delivery.Name} is not settled: it is {answer.Text("status")}, and its refund {Payment(answer.Body, "refundStatus")}", ct);
            silent += commitment.Body.GetProperty("delivery").GetProperty("tacit").GetBoolean() ? 1 : 0;
            if (delivery.Quantity < delivery.Ordered.Quantity)
            {
                shortened = new ShortOutcome(
                    delivery.Name, delivery.Ordered, DeliverPools.Amounts(commitment.Body, delivery.Quantity), Grants.Cents(commitment.Body.GetProperty("payment"), "refundedCents"));
            }
        }

        Check(shortened, faults);
        if (words.Accepted + silent != deliveries.Count)
        {
            faults.Add($"{deliveries.Count} deliveries, but {words.Accepted} were accepted in words and {silent} by silence.");
        }

        return new DeliveryOutcome(words.Accepted, silent, words.RefusedFirst, shortened);
    }

    private static void Check(ShortOutcome? shortened, List<string> faults)
    {
        if (shortened is { Ordered: var ordered, Delivered: var delivered } && shortened.RefundedCents != Math.Max(0, ordered.PayableCents - delivered.PayableCents))
        {
            faults.Add($"{shortened.Commitment} paid {ordered.PayableCents} cents, has to pay {delivered.PayableCents}, and was given back {shortened.RefundedCents}.");
        }
    }

    /// <summary>Accepted, with the amounts of what was delivered, and given back what it paid too much.</summary>
    private static bool IsSettled(JsonElement commitment, Delivery delivery) =>
        commitment.GetProperty("status").GetString() == "accepted"
        && (delivery.Quantity == delivery.Ordered.Quantity || Grants.Cents(commitment, "netCents") < delivery.Ordered.NetCents)
        && Payment(commitment, "refundStatus") is null or "succeeded";

    private static string? Payment(JsonElement commitment, string field) =>
        commitment.TryGetProperty("payment", out var payment) && payment.TryGetProperty(field, out var value) ? value.GetString() : null;

    private static bool IsUnderway(Grant grant) => Underway.Contains(grant.Status);
}
