using System.Diagnostics;
using System.Globalization;
using Marketplace.Local.Campaigns;
using Marketplace.Local.Processes;

namespace Marketplace.Local;

/// <summary>Starts everything, says where and as whom, and stays up until it is stopped.</summary>
internal static class RunMarketplace
{
    public static async Task<int> ExecuteAsync(RunCommand command, CancellationToken ct)
    {
        command.Daprd?.Check();
        var folder = Path.GetFullPath(command.Folder ?? Path.Combine(Checkout.Root, ".local"));
        if (command.Fresh)
        {
            await StartOver.RunAsync(folder);
        }

        var options = new LocalMarketplaceOptions { Folder = folder, Ports = Ports.Fixed(command.Port), Database = command.Database, Chaos = command.Chaos, Daprd = command.Daprd };
        await using (var marketplace = await Terminal.WhileAsync("Starting the marketplace", say => LocalMarketplace.StartAsync(options, say, ct)))
        {
            marketplace.Died += TellDeath;
            marketplace.Mailed += line => Terminal.Line($"  ✉ {line}");
            using var self = Process.GetCurrentProcess();
            var seconds = (DateTime.Now - self.StartTime).TotalSeconds;
            Terminal.Line(string.Create(CultureInfo.InvariantCulture, $"ready in {seconds:0.0} s, {marketplace.Memory.Shared} MB resident (pages that processes share counted once; {marketplace.Memory.Each} MB when counted in each)"));
            try
            {
                if (!command.Empty)
                {
                    await Demonstration.PlayIfEmptyAsync(marketplace, ct);
                }

                Terminal.Line("");
                Terminal.Line($"Address: {marketplace.Gateway}");
                KnownAccounts.Show(marketplace);
                Terminal.Line("Ctrl+C stops everything; the next start finds the data again.");
                await Task.Delay(Timeout.Infinite, ct);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                Terminal.Line("Stopping");
            }
        }

        Terminal.Line("Stopped");
        return 0;
    }

    private static void TellDeath(ChildProcess dead) => Terminal.Line($"""
        {dead.Plan.Name} has ended unexpectedly. Its last lines:
        {dead.LastLines()}
        The others go on. Stop with Ctrl+C and start again to bring it back.
        """);
}
