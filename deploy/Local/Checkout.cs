using System.Runtime.InteropServices;

namespace Marketplace.Local;

/// <summary>The checkout that this program was built in, and what was built beside it.</summary>
public static class Checkout
{
    /// <summary>The folder that holds <c>global.json</c>.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The demonstration campaign.</summary>
    public static string DemonstrationCampaign => Path.Combine(Root, "deploy", "campaigns", "campaign-1.json");

    /// <summary>How the demonstration goes on after its campaign.</summary>
    public static string Demonstration => Path.Combine(Root, "deploy", "campaigns", "demonstration.json");

    /// <summary>The Dapr resources of the local run.</summary>
    public static string DaprResources => string.Join(Path.PathSeparator, Path.Combine(Root, "deploy", "dapr", "shared"), Path.Combine(Root, "deploy", "dapr", "local"));

    /// <summary>The <c>dotnet</c> program that runs this process.</summary>
    public static string Dotnet { get; } = FindDotnet();

    /// <summary>The built assembly of a project of ours, in the configuration that this program was built in.</summary>
    /// <exception cref="CannotStartException">It is not built.</exception>
    public static string Assembly(string projectFolder)
    {
        var separator = Path.DirectorySeparatorChar;
        var configuration = AppContext.BaseDirectory.Contains($"{separator}Release{separator}", StringComparison.Ordinal) ? "Release" : "Debug";
        var file = Path.Combine(Root, projectFolder, "bin", configuration, "net10.0", Path.GetFileName(projectFolder) + ".dll");
        return File.Exists(file) ? file : throw new CannotStartException($"{projectFolder} is not built ({configuration}). Run: dotnet build deploy/Local");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("This program runs only inside the checkout that it was built in.");
    }

    private static string FindDotnet()
    {
        var program = OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet";
        var beside = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", program));
        return File.Exists(beside) ? beside : program;
    }
}

/// <summary>The marketplace cannot be started or went down; the message is fit for the terminal.</summary>
public sealed class CannotStartException(string message) : Exception(message);
