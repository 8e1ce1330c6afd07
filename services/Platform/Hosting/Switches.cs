using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Marketplace.Platform.Hosting;

/// <summary>
/// What a container image can be started for besides serving: <c>--migrate</c> brings the database up to date and ends
/// (an init container's work), <c>--health</c> asks the process that serves beside it and ends with 0 or 1 (the image has
/// no shell to ask with).
/// </summary>
public static class Switches
{
    /// <summary>True with <c>--migrate</c>.</summary>
    public static bool OnlyMigrates => Environment.GetCommandLineArgs().Contains("--migrate");

    /// <summary>With <c>--health</c>: sets the exit code by <c>/health/ready</c> of the first configured address, and is true.</summary>
    public static async Task<bool> OnlyAsksHealthAsync(this WebApplication app)
    {
        if (!Environment.GetCommandLineArgs().Contains("--health"))
        {
            return false;
        }

        var port = BindingAddress.Parse((app.Configuration["URLS"] ?? "http://127.0.0.1:5000").Split(';')[0]).Port;
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var answer = await http.GetAsync($"http://127.0.0.1:{port}/health/ready");
            Environment.ExitCode = answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            Environment.ExitCode = 1;
        }

        return true;
    }
}
