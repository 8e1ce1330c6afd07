using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>A pool is delivered; some businesses accept, one refuses, and the others have yet to answer.</summary>
internal static class AnswerInPart
{
    public static async Task RunAsync(Stage stage, FilledPool pool, LastDelivery last, CancellationToken ct)
    {
        foreach (var delivery in await DeliverPools.RunAsync(stage, [pool], ct))
        {
            if (last.Accepts.Contains(delivery.Business))
            {
                await AcceptDeliveries.AcceptAsync(stage, delivery, ct);
            }
            else if (last.Refuses == delivery.Business)
            {
                await AcceptDeliveries.RefuseAsync(stage, delivery, last.Reason, ct);
            }
        }

        stage.Step("The last delivery is answered in part");
    }
}
