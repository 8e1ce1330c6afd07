using System.Text.Json.Nodes;

namespace Marketplace.Local.Campaigns;

/// <summary>What the businesses said to their deliveries.</summary>
/// <param name="Accepted">How many were accepted in words.</param>
/// <param name="RefusedFirst">The one that was refused before it was accepted.</param>
internal sealed record Words(int Accepted, string? RefusedFirst);

/// <summary>
/// Every second business of the file accepts what it got; the first of them refuses once, with a reason, and accepts when
/// its provider has declared the delivery again. The others say nothing.
/// </summary>
internal static class AcceptDeliveries
{
    public static async Task<Words> RunAsync(Stage stage, IReadOnlyList<Delivery> deliveries, CancellationToken ct)
    {
        var speaking = stage.Campaign.Businesses
            .Select(business => deliveries.Where(delivery => delivery.Business == business.Key).ToList())
            .Where(own => own.Count > 0)
            .Where((_, n) => n % 2 == 0)
            .SelectMany(own => own)
            .ToList();
        if (speaking.Count > 0)
        {
            await RefuseOnceAsync(stage, speaking[0], ct);
        }

        foreach (var delivery in speaking)
        {
            await AcceptAsync(stage, delivery, ct);
        }

        return new Words(speaking.Count, speaking.FirstOrDefault()?.Name);
    }

    public static Task AcceptAsync(Stage stage, Delivery delivery, CancellationToken ct) => SayAsync(stage, delivery, new JsonObject { ["accepted"] = true }, ct);

    public static Task RefuseAsync(Stage stage, Delivery delivery, string reason, CancellationToken ct) =>
        SayAsync(stage, delivery, new JsonObject { ["accepted"] = false, ["reason"] = reason }, ct);

    private static async Task RefuseOnceAsync(Stage stage, Delivery delivery, CancellationToken ct)
    {
        await RefuseAsync(stage, delivery, "Il manque les identifiants d'accès.", ct);
        var again = new JsonObject { ["quantity"] = delivery.Quantity, ["deliveredOn"] = Stage.Day(stage.Today) };
        (await stage.Api.PostAsync($"/api/commitments/{delivery.Id}/delivery", again, stage.Providers[delivery.Provider], ct)).OrThrow();
    }

    private static async Task SayAsync(Stage stage, Delivery delivery, JsonObject words, CancellationToken ct) =>
        (await stage.Api.PostAsync($"/api/commitments/{delivery.Id}/acceptance", words, stage.Businesses[delivery.Business], ct)).OrThrow();
}
