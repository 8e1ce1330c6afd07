using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;

namespace Marketplace.Local;

/// <summary><c>play FILE</c>: a marketplace of its own on free ports, the campaign, the outcome.</summary>
internal static class PlayCampaignFile
{
    public static async Task<int> ExecuteAsync(PlayCommand command, CancellationToken ct)
    {
        Campaign campaign;
        try
        {
            campaign = ReadCampaign.FromFile(command.File);
        }
        catch (CampaignFaultException e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }

        if (command.Out is { } file && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(file))))
        {
            await Console.Error.WriteLineAsync($"The result cannot be written to {file}: there is no such folder.");
            return 1;
        }

        var options = OptionsOf(command);
        try
        {
            await using var marketplace = await Terminal.WhileAsync("Starting a marketplace for the campaign", say => LocalMarketplace.StartAsync(options, say, ct));
            return await PlayAsync(marketplace, campaign, command, ct);
        }
        finally
        {
            if (command.Keep)
            {
                Terminal.Line($"The marketplace is kept in {options.Folder}; start it again with: dotnet run --project deploy/Local -- --folder {options.Folder}");
            }
            else
            {
                Directory.Delete(options.Folder, recursive: true);
            }
        }
    }

    private static async Task<int> PlayAsync(LocalMarketplace marketplace, Campaign campaign, PlayCommand command, CancellationToken ct)
    {
        try
        {
            var outcome = await Terminal.WithBarAsync($"Playing « {campaign.Name} »", progress => PlayCampaign.RunAsync(marketplace, campaign, progress, ct, command.ThroughBank));
            ShowOutcome.OnTerminal(campaign, outcome);
            if (outcome.Bank is { } bank)
            {
                ShowBank.OnTerminal(bank);
            }

            KnownAccounts.Write(marketplace, campaign);
            if (command.Out is { } file)
            {
                await File.WriteAllTextAsync(file, outcome.ToJson(), ct);
            }

            return outcome.Refusals.Count == 0 && outcome.Bank is null or { Faults.Count: 0 } ? 0 : 1;
        }
        catch (RefusedException e)
        {
            await Console.Error.WriteLineAsync($"The campaign could not be played to its end. {e.Message}");
            return 1;
        }
        finally
        {
            if (marketplace.Databases.Server is null && !command.Keep)
            {
                await marketplace.Databases.DropAsync();
            }
        }
    }

    private static LocalMarketplaceOptions OptionsOf(PlayCommand command) => new()
    {
        Folder = TemporaryFolder.Create("marketplace-play-"),
        Ports = Ports.Free(),
        Database = command.Database,
        DatabasePrefix = command.Database is null ? "" : $"play_{Guid.NewGuid():N}_",
        Durable = command.Keep,
        Chaos = command.Chaos,
        Daprd = command.Daprd,
        RateLimits = false,
    };
}
