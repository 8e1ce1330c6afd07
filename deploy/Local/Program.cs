using System.Runtime.InteropServices;
using Marketplace.Local;

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Stop);

try
{
    switch (CommandLine.Parse(args))
    {
        case RunCommand run:
            return await RunMarketplace.ExecuteAsync(run, stop.Token);
        case PlayCommand play:
            return await PlayCampaignFile.ExecuteAsync(play, stop.Token);
        case SeedCommand seed:
            return await SeedMarketplace.ExecuteAsync(seed, stop.Token);
        case Misused misused:
            Console.Error.WriteLine(misused.Sentence);
            return 2;
        default:
            Console.WriteLine(CommandLine.Usage);
            return 0;
    }
}
catch (CannotStartException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    return 130;
}

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
