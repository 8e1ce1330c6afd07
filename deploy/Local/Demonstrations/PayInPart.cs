using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>
/// One programme's run is paid, but for a euro of one transfer, which a person has to look at; another's is prepared, and
/// waits for the second person of finance.
/// </summary>
internal static class PayInPart
{
    public static async Task RunAsync(Stage stage, PartPayment payments, TimeSpan bankTakes, CancellationToken ct)
    {
        var faults = new List<string>();
        var orders = await PayAid.RunAsync(stage, [ProgrammeOf(stage, payments.Programme)], faults, ct);
        stage.Step("Two people of finance pay");
        await MoveClock.ByAsync(stage, bankTakes, ct);
        var lines = orders.Transfers.Select(transfer => transfer.Provider == payments.PaidShort ? StatementLine.Partial(transfer) : StatementLine.Exact(transfer)).ToList();
        await ImportStatement.ImportAsync(stage, WriteStatement.Of(orders.Debtor, lines, stage.Today, stage.Now), ct);
        _ = await PayAid.PrepareAsync(stage, ProgrammeOf(stage, payments.Waits), ct) ?? throw new RefusedException($"Nothing is due from {payments.Waits}.");
        stage.Step("The bank's statement is read");
        if (faults.Count > 0)
        {
            throw new RefusedException(string.Join(' ', faults));
        }
    }

    private static CampaignEntry ProgrammeOf(Stage stage, string key) => stage.Campaign.Programmes.First(programme => programme.Key == key);
}
