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
                    pool.Key, pool.Value.Status, pool.Value.AwardedUnitPriceCents is { } price ? Amount.Euros(price) : "-",
                    Amount.Count(pool.Value.OrderedQuantity), Amount.Count(pool.Value.CommitmentCount),
                    Amount.Count(of.Count(status => status == "released")), Amount.Count(of.Count(status => status == "withdrawn")),
                    Amount.Count(of.Count(status => status == "paid")), Amount.Count(of.Count(status => status is "payment-failed" or "defaulted")),
                ];
            }));
        Terminal.Table(
            "Programmes",
            ["programme", "budget", "held", "available"],
            outcome.Programmes.Select(programme => (string[])
            [
                campaign.Programmes.First(entry => entry.Key == programme.Key).Text("name")!,
                Amount.Euros(programme.Value.BudgetCents), Amount.Euros(programme.Value.HeldCents), Amount.Euros(programme.Value.AvailableCents),
            ]));
        Terminal.Line($"{outcome.Commitments.Count} commitments, {outcome.ToppedUp} of them with more aid at confirmation than was reserved.");
        foreach (var refusal in outcome.Refusals)
        {
            Terminal.Line($"Refused: {refusal}");
        }
    }
}
