namespace Marketplace.Local.Campaigns;

/// <summary>Plays a campaign through the public API, signing in like anyone.</summary>
public static class PlayCampaign
{
    private static readonly TimeSpan FirstDeadline = TimeSpan.FromDays(30);
    private static readonly TimeSpan BetweenDeadlines = TimeSpan.FromHours(1);

    /// <summary>Plays all of it. What is refused to one commitment or pool is told in the outcome; the others go on.</summary>
    /// <param name="marketplace">Where; it must be empty.</param>
    /// <param name="campaign">What.</param>
    /// <param name="progress">Hears each step.</param>
    /// <param name="ct">Cancels the play.</param>
    /// <param name="throughBank">Go on from grant to bank (<see cref="GoThroughBank"/>).</param>
    /// <exception cref="RefusedException">The campaign cannot go on: what was asked, and the answer.</exception>
    public static async Task<CampaignOutcome> RunAsync(LocalMarketplace marketplace, Campaign campaign, Action<PlayProgress>? progress, CancellationToken ct, bool throughBank = false)
    {
        using var api = new MarketplaceClient(marketplace.Gateway);
        var stage = StageOf(marketplace, api, campaign, progress, campaign.Steps + (throughBank ? GoThroughBank.Steps : 0));
        var (filled, toppedUp) = await UntilLastClosingAsync(stage, ct);
        var outcome = await ReadOutcome.RunAsync(stage, filled, toppedUp, ct);
        return throughBank ? outcome with { Bank = await GoThroughBank.RunAsync(stage, filled, ct) } : outcome;
    }

    /// <summary>A stage on this marketplace, for its own town.</summary>
    internal static Stage StageOf(LocalMarketplace marketplace, MarketplaceClient api, Campaign campaign, Action<PlayProgress>? progress, int steps) =>
        new(api, campaign, TownOf(marketplace.Secrets), marketplace.Secrets.CampaignPassword, () => marketplace.Now, progress, steps);

    /// <summary>Everything up to the closing of the last pool.</summary>
    /// <returns>The pools that were not refused; how many commitments got more aid at confirmation than was reserved.</returns>
    internal static async Task<(IReadOnlyList<FilledPool> Filled, int ToppedUp)> UntilLastClosingAsync(Stage stage, CancellationToken ct)
    {
        await PrepareMarketplace.RunAsync(stage, ct);

        var firstDeadline = stage.Now + FirstDeadline;
        var filled = new List<FilledPool>();
        foreach (var (pool, n) in stage.Campaign.Pools.Select((pool, n) => (pool, n)))
        {
            if (await FillPool.RunAsync(stage, pool, firstDeadline + n * BetweenDeadlines, ct) is { } joined)
            {
                filled.Add(joined);
            }
        }

        var toppedUp = 0;
        foreach (var pool in filled)
        {
            toppedUp += await ClosePool.RunAsync(stage, pool, ct);
        }

        return (filled, toppedUp);
    }

    /// <summary>One account for each part that a visitor may want to play, once a campaign was played.</summary>
    public static IReadOnlyList<Account> Cast(Secrets secrets, Campaign campaign)
    {
        var town = TownOf(secrets);
        return
        [
            town.Admin, .. town.Staff,
            .. campaign.Providers.Take(1).Select(provider => Stage.AccountOf("provider", provider, secrets.CampaignPassword)),
            .. campaign.Businesses.Take(1).Select(business => Stage.AccountOf("business", business, secrets.CampaignPassword)),
        ];
    }

    private static Town TownOf(Secrets secrets) => new(new Account("admin", secrets.AdminEmail, secrets.AdminPassword), secrets.CampaignPassword);
}
