using Marketplace.Local.Campaigns;
using Marketplace.Local.Demonstrations;

namespace Marketplace.Local;

/// <summary>Fills an empty marketplace with the demonstration.</summary>
internal static class Demonstration
{
    private static readonly string[] PublicLists = ["/api/accreditation/accreditations", "/api/subsidies/programmes", "/api/catalog/packs", "/api/pools"];

    public static async Task PlayIfEmptyAsync(LocalMarketplace marketplace, CancellationToken ct)
    {
        try
        {
            using var api = new MarketplaceClient(marketplace.Gateway);
            if (await IsEmptyAsync(api, ct))
            {
                await PlayAsync(marketplace, api, ct);
            }
            else if (KnownAccounts.Read(marketplace).Count == 0)
            {
                Terminal.Line("There is data already, so the demonstration is not played. If an earlier start was stopped in the middle of it, some is missing: --fresh starts over.");
            }

            await ShowPools.OnTerminalAsync(marketplace, ct);
        }
        catch (Exception e) when (e is RefusedException or CampaignFaultException)
        {
            Terminal.Line($"The demonstration could not be played to its end. {e.Message}");
            Terminal.Line("The marketplace is up all the same; start with --fresh to try again, with --empty to leave it out.");
        }
    }

    private static async Task PlayAsync(LocalMarketplace marketplace, MarketplaceClient api, CancellationToken ct)
    {
        var file = ReadDemonstration.FromFile(Checkout.Demonstration);
        var refusals = await Terminal.WithBarAsync($"Playing « {file.Campaign.Name} »", progress =>
            PlayDemonstration.RunAsync(PlayCampaign.StageOf(marketplace, api, file.Campaign, progress, file.Steps), file, ct));
        foreach (var refusal in refusals)
        {
            Terminal.Line($"Refused: {refusal}");
        }

        KnownAccounts.Write(marketplace, file.Visitors);
    }

    /// <summary>True where nobody has made anything public yet.</summary>
    internal static async Task<bool> IsEmptyAsync(MarketplaceClient api, CancellationToken ct)
    {
        foreach (var list in PublicLists)
        {
            var answer = (await api.GetAsync(list + "?limit=1", null, ct)).OrThrow();
            if (answer.Body.GetProperty("items").GetArrayLength() > 0)
            {
                return false;
            }
        }

        return true;
    }
}
