using System.Text.Json.Nodes;
using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>
/// Plays the campaign, and goes on until there is something to do for everyone: deliveries to answer, money partly paid,
/// open pools near a better price, applications to judge. The clock ends ten days after the campaign's last closing.
/// </summary>
internal static class PlayDemonstration
{
    /// <summary>Steps beside those of the campaign, the pools and the applications.</summary>
    public const int Steps = 6;

    private static readonly TimeSpan BankTakes = TimeSpan.FromDays(2);

    /// <returns>What was refused without anybody having meant it.</returns>
    /// <exception cref="RefusedException">It cannot go on: what was asked, and the answer.</exception>
    public static async Task<IReadOnlyList<string>> RunAsync(Stage stage, DemonstrationFile file, CancellationToken ct)
    {
        var (played, _) = await PlayCampaign.UntilLastClosingAsync(stage, ct);
        var delivered = played.Where(pool => file.Delivered.Contains(pool.Pool.Key)).ToList();

        var silentUntil = stage.Now + GoThroughBank.Silence;
        await AcceptDeliveries.RunAsync(stage, await DeliverPools.RunAsync(stage, delivered, ct), ct);
        stage.Step("The first orders are delivered");
        await RaiseBudgetAsync(stage, file.Budget, ct);
        var pools = await OpenPools.RunAsync(stage, file.Pools, ct);
        await OpenPools.CloseAsync(stage, pools, ct);
        await MoveClock.PastAsync(stage, silentUntil, ct);
        await CertifyService.UntilDoneAsync(stage, delivered, ct);
        stage.Step("Who stays silent accepts");

        await PayInPart.RunAsync(stage, file.Payments, BankTakes, ct);
        await AnswerInPart.RunAsync(stage, played.First(pool => pool.Pool.Key == file.LastDelivery.Pool), file.LastDelivery, ct);
        await OpenPools.JoinOthersAsync(stage, pools, ct);
        foreach (var application in file.Applications)
        {
            await ApplyInPart.RunAsync(stage, application, ct);
        }

        return [.. stage.Refusals];
    }

    private static async Task RaiseBudgetAsync(Stage stage, BudgetChange change, CancellationToken ct)
    {
        var body = new JsonObject { ["deltaCents"] = change.DeltaCents, ["reason"] = change.Reason };
        (await stage.Api.PostAsync($"/api/subsidies/programmes/{stage.Programmes[change.Programme]}/budget", body, stage.Town.Finance, ct)).OrThrow();
        stage.Step("An envelope is raised");
    }
}
