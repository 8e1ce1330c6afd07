namespace Marketplace.Local.Campaigns;

/// <summary>
/// From grant to bank: delivery, acceptance, one payment run per programme, a bank statement with a line of every kind,
/// the reconciliation (DOMAIN §6).
/// </summary>
internal static class GoThroughBank
{
    /// <summary>How many steps it adds to a play.</summary>
    public const int Steps = 6;

    /// <summary>Longer than the seven days after which silence accepts.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromDays(8);

    /// <summary>Longer than five business days, whichever the public holidays.</summary>
    private static readonly TimeSpan UntilMissing = TimeSpan.FromDays(14);

    public static async Task<BankOutcome> RunAsync(Stage stage, IReadOnlyList<FilledPool> pools, CancellationToken ct)
    {
        var faults = new List<string>();
        var deliveries = await DeliverPools.RunAsync(stage, pools, ct);
        stage.Step("The providers deliver");
        var words = await AcceptDeliveries.RunAsync(stage, deliveries, ct);
        stage.Step("Half of the businesses accept");
        await MoveClock.ByAsync(stage, Silence, ct);
        await CertifyService.UntilDoneAsync(stage, pools, ct);
        stage.Step("The others stay silent");
        var delivery = await CertifyService.OutcomeAsync(stage, deliveries, words, faults, ct);

        var orders = await PayAid.RunAsync(stage, stage.Campaign.Programmes, faults, ct);
        stage.Step("Two people of finance pay");
        var lines = StatementLine.OneOfEachKind(orders.Transfers);
        var statement = WriteStatement.Of(orders.Debtor, lines, stage.Today, stage.Now);
        var (import, again) = await ImportStatement.TwiceAsync(stage, statement, lines, faults, ct);
        stage.Step("The bank's statement is read twice");
        await MoveClock.ByAsync(stage, UntilMissing, ct);
        var (reconciliation, transfers) = await ReconcileBank.RunAsync(stage, orders.Transfers, lines, faults, ct);
        var (ledger, sums) = await AddUp.RunAsync(stage, faults, ct);
        stage.Step("What is missing is told");
        return new BankOutcome(delivery, transfers, import, again, reconciliation, ledger, sums, faults);
    }
}
