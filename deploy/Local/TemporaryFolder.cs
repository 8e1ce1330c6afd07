namespace Marketplace.Local;

/// <summary>A folder for a marketplace that is wanted once.</summary>
public static class TemporaryFolder
{
    /// <summary>Creates one that PostgreSQL's unprivileged user may enter.</summary>
    public static string Create(string prefix)
    {
        var folder = Directory.CreateTempSubdirectory(prefix).FullName;
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
        }

        return folder;
    }
}
