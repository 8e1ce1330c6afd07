using System.Globalization;

namespace Marketplace.Local.Campaigns;

/// <summary>An outcome for people to read.</summary>
internal static class ShowOutcome
{
    public static void OnTerminal(Campaign campaign, CampaignOutcome outcome)
    {
        Terminal.Table(
            $"Pools of « {campaign.Name} »",
            ["pool", "status", "unit price", "ordered", "allocated to", "released", "withdrawn", "paid", "not paid"],
            outcome.Pools.Select(pool =>
            {
                var of = outcome.Commitments.Where(commitment => commitment.Key.StartsWith(pool.Key + "/", StringComparison.Ordinal)).Select(commitment => commitment.Value.Status).ToList();
                return (string[])
                [
                    pool.Key, pool.Value.Status, pool.Value.AwardedUnitPriceCents is { } price ? Euros(price) : "-",
                    Count(pool.Value.OrderedQuantity), Count(pool.Value.CommitmentCount),
                    Count(of.Count(status => status == "released")), Count(of.Count(status => status == "withdrawn")),
                    Count(of.Count(status => status == "paid")), Count(of.Count(status => status is "payment-failed" or "defaulted")),
                ];
            }));
        Terminal.Table(
            "Programmes",
            ["programme", "budget", "held", "available"],
            outcome.Programmes.Select(programme => (string[])
            [
                campaign.Programmes.First(entry => entry.Key == programme.Key).Text("name")!,
                Euros(programme.Value.BudgetCents), Euros(programme.Value.HeldCents), Euros(programme.Value.AvailableCents),
            ]));
        Terminal.Line($"{outcome.Commitments.Count} commitments, {outcome.ToppedUp} of them with more aid at confirmation than was reserved.");
        foreach (var refusal in outcome.Refusals)
        {
            Terminal.Line($"Refused: {refusal}");
        }
    }

    private static string Euros(long cents)
    {
        var sign = cents < 0 ? "-" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{Math.Abs(cents) / 100:#,0}.{Math.Abs(cents) % 100:00} EUR");
    }

    private static string Count(long count) => count.ToString(CultureInfo.InvariantCulture);
}
