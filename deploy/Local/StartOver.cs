using Marketplace.Local.Processes;

namespace Marketplace.Local;

/// <summary><c>--fresh</c>: forgets what earlier runs stored. Keys and passwords stay, and so do downloaded programs.</summary>
internal static class StartOver
{
    public static async Task RunAsync(string folder)
    {
        Directory.CreateDirectory(folder);
        await LeftOvers.EndAsync(folder);
        foreach (var data in (string[])["postgres", "logs"])
        {
            var path = Path.Combine(folder, data);
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }

        foreach (var file in (string[])["clock", KnownAccounts.File])
        {
            File.Delete(Path.Combine(folder, file));
        }
    }
}
