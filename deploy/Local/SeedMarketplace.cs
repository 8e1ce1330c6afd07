using System.Globalization;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Demonstrations;

namespace Marketplace.Local;

/// <summary>
/// Plays the demonstration in a marketplace that somebody else started, such as docker compose, through its public address only.
/// Its administrator comes from <c>MARKETPLACE_ADMIN_EMAIL</c> and <c>MARKETPLACE_ADMIN_PASSWORD</c>, the password of the
/// accounts to be made from <c>MARKETPLACE_CAMPAIGN_PASSWORD</c>. The marketplace must run on the movable clock.
/// </summary>
internal static class SeedMarketplace
{
    public static async Task<int> ExecuteAsync(SeedCommand command, CancellationToken ct)
    {
        try
        {
            var file = ReadDemonstration.FromFile(command.File);
            var password = Given("MARKETPLACE_CAMPAIGN_PASSWORD");
            var town = new Town(new Account("admin", Given("MARKETPLACE_ADMIN_EMAIL"), Given("MARKETPLACE_ADMIN_PASSWORD")), password);
            using var api = new MarketplaceClient(command.At);
            if (!await Demonstration.IsEmptyAsync(api, ct))
            {
                Terminal.Line("There is data already; nothing is played.");
                return 0;
            }

            var refusals = await Terminal.WithBarAsync($"Playing « {file.Campaign.Name} »", progress =>
                PlayDemonstration.RunAsync(new Stage(api, file.Campaign, town, password, () => Now(command.Clock), progress, file.Steps), file, ct));
            foreach (var refusal in refusals)
            {
                Terminal.Line($"Refused: {refusal}");
            }

            return refusals.Count == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is RefusedException or CampaignFaultException)
        {
            await Console.Error.WriteLineAsync($"The demonstration could not be played to its end. {e.Message}");
            return 1;
        }
    }

    /// <summary>The marketplace's time: the system's, and the seconds in the clock's file; a clock that nobody moved has none.</summary>
    private static DateTimeOffset Now(string? clock) => TimeProvider.System.GetUtcNow()
        .AddSeconds(clock is not null && File.Exists(clock) ? long.Parse(File.ReadAllText(clock), CultureInfo.InvariantCulture) : 0);

    private static string Given(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : throw new CannotStartException($"{name} is not set.");
}
