using System.Net.Http.Json;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Marketplace.Platform.Facts;
using Marketplace.Platform.Messages;
using Marketplace.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Marketplace.Deploy.Tests.Reading;

/// <summary>A process of ours that is deployed, with a sidecar.</summary>
/// <param name="AppId">Its name wherever it is deployed.</param>
/// <param name="Project">Its folder below the repository.</param>
internal sealed record App(string AppId, string Project)
{
    /// <summary>Its database and the role that owns it.</summary>
    public string Database => AppId.Replace('-', '_');

    public Assembly Assembly => Assembly.Load(Path.GetFileName(Project));
}

/// <summary>What the code says about deployments: which processes there are, what they publish, hear and read.</summary>
internal static partial class Code
{
    private static readonly Lazy<string> Sources = new(() => string.Join('\n', ((string[])["services", "gateway", "deploy"])
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.*", SearchOption.AllDirectories))
        .Where(file => file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".razor", StringComparison.Ordinal))
        .Where(file => !Generated().IsMatch(file))
        .Select(File.ReadAllText)));

    /// <summary>The web projects of the solution below <c>services</c> and <c>gateway</c>.</summary>
    public static IReadOnlyList<App> Apps { get; } =
    [
        .. Project().Matches(File.ReadAllText(Path.Combine(Repository.Root, "Marketplace.sln"))).Select(m => m.Groups["path"].Value.Replace('\\', '/'))
            .Where(path => path.StartsWith("services/", StringComparison.Ordinal) || path.StartsWith("gateway/", StringComparison.Ordinal))
            .Where(path => File.ReadAllText(Path.Combine(Repository.Root, path)).Contains("Microsoft.NET.Sdk.Web", StringComparison.Ordinal))
            .Select(path => Path.GetDirectoryName(path)!.Replace('\\', '/'))
            .Select(project => new App(JsonNamingPolicy.KebabCaseLower.ConvertName(Path.GetFileName(project)), project))
            .OrderBy(app => app.AppId, StringComparer.Ordinal),
    ];

    /// <summary>The topics: the records of <c>services/Events</c> that are no part of another.</summary>
    public static IReadOnlyList<string> Topics { get; } = TopicsOf(Assembly.Load("Events").GetExportedTypes());

    private static readonly Lazy<Task<Dictionary<string, JsonArray>>> Subscriptions = new(AskSubscriptionsAsync);

    /// <summary>What each app answers at <c>/dapr/subscribe</c>; a copy for each caller.</summary>
    public static async Task<Dictionary<string, JsonArray>> SubscriptionsAsync() =>
        (await Subscriptions.Value).ToDictionary(app => app.Key, app => app.Value.DeepClone().AsArray());

    private static async Task<Dictionary<string, JsonArray>> AskSubscriptionsAsync()
    {
        var answers = new Dictionary<string, JsonArray>();
        foreach (var app in Apps)
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            await using var host = builder.Build();
            host.MapSubscribeHandler(app.Assembly, app.AppId);
            await host.StartAsync();
            using var http = new HttpClient();
            answers[app.AppId] = (await http.GetFromJsonAsync<JsonArray>(new Uri(new Uri(host.Urls.Single()), "/dapr/subscribe")))!;
        }

        return answers;
    }

    /// <summary>True when some source reads the setting: the whole key, or the rest of it in a section that is read by its name.</summary>
    public static bool Reads(string variable)
    {
        var key = variable.Replace("__", ":", StringComparison.Ordinal);
        if (Sources.Value.Contains($"\"{key}\"", StringComparison.Ordinal) || OfTheFramework().IsMatch(key))
        {
            return true;
        }

        var words = key.Split(':');
        return Enumerable.Range(1, words.Length - 1).Select(at => (Section: string.Join(':', words[..at]), Name: string.Join(':', words[at..]))).Any(split => split.Section == "ConnectionStrings"
            ? Sources.Value.Contains($"GetConnectionString(\"{split.Name}\")", StringComparison.Ordinal)
            : Sources.Value.Contains($"GetSection(\"{split.Section}\")", StringComparison.Ordinal)
                && Regex.IsMatch(Sources.Value, $$"""(\["{{split.Name}}"\]|(GetValue|Text)\("{{split.Name}}"|public [A-Za-z?]+ {{split.Name}} \{ get)"""));
    }

    private static List<string> TopicsOf(Type[] records) =>
        [.. records.Except(records.SelectMany(r => r.GetProperties()).Select(p => p.PropertyType.GetElementType() ?? p.PropertyType)).Select(FactName.Of).Order(StringComparer.Ordinal)];

    [GeneratedRegex("= \"[^\"]+\", \"(?<path>[^\"]+\\.csproj)\"")]
    private static partial Regex Project();

    [GeneratedRegex(@"[\\/](bin|obj|node_modules)[\\/]")]
    private static partial Regex Generated();

    [GeneratedRegex("^(OTEL_|ASPNETCORE_|DOTNET_|Logging:)")]
    private static partial Regex OfTheFramework();
}
