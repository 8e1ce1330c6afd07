using Marketplace.Local.Campaigns;

namespace Marketplace.Local.Demonstrations;

/// <summary>A provider goes part of the way to its accreditation: one document handed in, all of them submitted, or evaluated.</summary>
internal static class ApplyInPart
{
    private const string Draft = "draft";
    private const string Evaluated = "evaluated";

    public static async Task RunAsync(Stage stage, OpenApplication open, CancellationToken ct)
    {
        var application = await AccreditProvider.ApplyAsync(stage, open.Provider, ct);
        await AccreditProvider.HandInAsync(stage, application, open.Reached == Draft ? application.Criteria.Take(1) : application.Criteria, ct);
        if (open.Reached != Draft)
        {
            await AccreditProvider.SubmitAsync(stage, application, ct);
        }

        if (open.Reached == Evaluated)
        {
            await AccreditProvider.EvaluateAsync(stage, application, ct);
        }

        stage.Step($"{open.Provider.Text("name")} applies");
    }
}
