using System.Globalization;
using Marketplace.Local.Campaigns;

namespace Marketplace.Local;

/// <summary>
/// Plays a campaign in a marketplace that somebody else started, such as docker compose, through its public address only.
/// Its administrator comes from <c>MARKETPLACE_ADMIN_EMAIL</c> and <c>MARKETPLACE_ADMIN_PASSWORD</c>, the password of the
/// accounts to be made from <c>MARKETPLACE_CAMPAIGN_PASSWORD</c>. The marketplace must run on the movable clock.
/// </summary>
internal static class SeedMarketplace
{
    private static readonly string[] PublicLists = ["/api/accreditation/accreditations", "/api/subsidies/programmes", "/api/catalog/packs", "/api/pools"];
    private static readonly TimeSpan FirstDeadline = TimeSpan.FromDays(30);

    public static async Task<int> ExecuteAsync(SeedCommand command, CancellationToken ct)
    {
        try
        {
            var campaign = ReadCampaign.FromFile(command.File);
            var password = Given("MARKETPLACE_CAMPAIGN_PASSWORD");
            var town = new Town(new Account("admin", Given("MARKETPLACE_ADMIN_EMAIL"), Given("MARKETPLACE_ADMIN_PASSWORD")), password);
            using var api = new MarketplaceClient(command.At);
            if (!await IsEmptyAsync(api, ct))
            {
                Terminal.Line("There is data already; nothing is played.");
                return 0;
            }

            var outcome = await Terminal.WithBarAsync($"Playing « {campaign.Name} »", progress =>
                PlayAsync(new Stage(api, campaign, town, password, () => Now(command.Clock), progress, campaign.Steps), ct));
            ShowOutcome.OnTerminal(campaign, outcome);
            return outcome.Refusals.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is RefusedException or CampaignFaultException)
        {
            await Console.Error.WriteLineAsync($"The campaign could not be played to its end. {e.Message}");
            return 1;
        }
    }

    private static async Task<CampaignOutcome> PlayAsync(Stage stage, CancellationToken ct)
    {
        await PrepareMarketplace.RunAsync(stage, ct);
        var firstDeadline = stage.Now + FirstDeadline;
        var filled = new List<FilledPool>();
        foreach (var (pool, n) in stage.Campaign.Pools.Select((pool, n) => (pool, n)))
        {
            if (await FillPool.RunAsync(stage, pool, firstDeadline + TimeSpan.FromHours(n), ct) is { } joined)
            {
                filled.Add(joined);
            }
        }

        var toppedUp = 0;
        foreach (var pool in filled)
        {
            toppedUp += await ClosePool.RunAsync(stage, pool, ct);
        }

        return await ReadOutcome.RunAsync(stage, filled, toppedUp, ct);
    }

    private static async Task<bool> IsEmptyAsync(MarketplaceClient api, CancellationToken ct)
    {
        foreach (var list in PublicLists)
        {
            if ((await api.GetAsync(list + "?limit=1", null, ct)).OrThrow().Body.GetProperty("items").GetArrayLength() > 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The marketplace's time: the system's, and the seconds in the clock's file; a clock that nobody moved has none.</summary>
    private static DateTimeOffset Now(string? clock) => TimeProvider.System.GetUtcNow()
        .AddSeconds(clock is not null && File.Exists(clock) ? long.Parse(File.ReadAllText(clock), CultureInfo.InvariantCulture) : 0);

    private static string Given(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new CannotStartException($"{name} is not set.");
}
