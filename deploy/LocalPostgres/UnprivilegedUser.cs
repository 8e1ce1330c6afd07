using System.Diagnostics;

namespace Marketplace.LocalPostgres;

/// <summary>The user that PostgreSQL runs as when this process is root, whom it refuses.</summary>
internal static class UnprivilegedUser
{
    /// <summary>One that may enter the folder; null where this process is not root and needs none.</summary>
    /// <exception cref="PostgresMissingException">None may.</exception>
    public static async Task<string?> FindAsync(string folder, CancellationToken ct)
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root")
        {
            return null;
        }

        foreach (var user in (string[])["postgres", "nobody"])
        {
            var (known, _) = await ShellProcess.RunAsync("id", [user], ct: ct);
            if (known != 0)
            {
                continue;
            }

            var (exitCode, _) = await ShellProcess.RunAsync("setpriv", [$"--reuid={user}", "--clear-groups", "test", "-x", folder], ct: ct);
            if (exitCode == 0)
            {
                return user;
            }
        }

        throw new PostgresMissingException($"PostgreSQL refuses to run as root, and no unprivileged user may enter {folder}. Start as an ordinary user, move the checkout to a folder that others may enter, or give a server with --database.");
    }

    /// <summary>How to start a program as that user, in a session of its own where Ctrl+C must not reach it.</summary>
    public static ProcessStartInfo Command(string? user, string program, IEnumerable<string> arguments, bool ownSession)
    {
        List<string> words = [];
        if (ownSession && File.Exists("/usr/bin/setsid"))
        {
            words.Add("/usr/bin/setsid");
        }

        if (user is not null)
        {
            words.AddRange(["setpriv", $"--reuid={user}", $"--regid={user switch { "nobody" => "nogroup", _ => user }}", "--clear-groups"]);
        }

        words.Add(program);
        words.AddRange(arguments);
        return new ProcessStartInfo(words[0], words.Skip(1));
    }
}
