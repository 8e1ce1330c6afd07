using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Marketplace.LocalPostgres;
using Marketplace.Testing;

namespace Marketplace.Platform.Tests;

/// <summary>The local run's sidecar as a real process between the service and itself. Its port stays the same when it is started again.</summary>
public sealed class SidecarProcess(string database) : IAsyncDisposable
{
    private const string ApiToken = "api-token-of-the-test";
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly StringBuilder output = new();
    private readonly string resources = Directory.CreateTempSubdirectory("marketplace-resources-").FullName;
    private Process? process;

    public int Port { get; } = PostgresServer.FreePort();

    /// <summary>What a service needs to know of it.</summary>
    public Dictionary<string, string> ForTheService => new() { ["DAPR_HTTP_PORT"] = $"{Port}", ["DAPR_API_TOKEN"] = ApiToken };

    public string Output
    {
        get
        {
            lock (output)
            {
                return output.ToString();
            }
        }
    }

    /// <summary>Starts it in front of a service, with the resources of the local run (or others) and further settings.</summary>
    public async Task StartAsync(ServiceProcess service, string? component = null, params (string Key, string Value)[] settings)
    {
        foreach (var file in ((string[])["shared", "local"]).SelectMany(part => Directory.GetFiles(Path.Combine(Repository.Root, "deploy", "dapr", part))))
        {
            File.Copy(file, Path.Combine(resources, Path.GetFileName(file)), overwrite: true);
        }

        if (component is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(resources, "marketplace-bus.yaml"), component);
        }

        var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";
        var dll = Path.Combine(Repository.Root, "deploy", "LocalSidecar", "bin", configuration, "net10.0", "LocalSidecar.dll");
        var start = new ProcessStartInfo("dotnet", [dll]) { RedirectStandardOutput = true, RedirectStandardError = true };
        (string Key, string Value)[] always =
        [
            ("ConnectionStrings:Database", database), ("Sidecar:ResourcesPath", resources), ("DAPR_API_TOKEN", ApiToken), ("APP_API_TOKEN", ServiceProcess.AppToken),
            ("Sidecar:Apps:0:AppId", "notes"), ("Sidecar:Apps:0:AppPort", $"{service.Http.BaseAddress!.Port}"), ("Sidecar:Apps:0:HttpPort", $"{Port}"),
        ];
        foreach (var (key, value) in always.Concat(settings))
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }

        process = Process.Start(start)!;
        process.OutputDataReceived += Keep;
        process.ErrorDataReceived += Keep;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Eventually.TrueAsync(IsUpAsync, () => $"the sidecar does not answer: {Output}");
    }

    /// <summary>Waits until every delivery is settled.</summary>
    public Task IdleAsync() => Eventually.TrueAsync(async () => await PendingAsync() == 0, () => $"deliveries are pending: {Output}");

    public async Task<int> PendingAsync() => (await GetAsync("/v1.0-local/idle")).GetProperty("pending").GetInt32();

    /// <summary>Ends it between any two instructions.</summary>
    public async Task KillAsync()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        process = null;
    }

    /// <summary>Lets it hang: its port is open and nothing answers.</summary>
    public Task FreezeAsync() => SignalAsync("-STOP");

    /// <summary>Lets it go on.</summary>
    public Task ThawAsync() => SignalAsync("-CONT");

    public async ValueTask DisposeAsync()
    {
        if (process is not null)
        {
            await KillAsync();
        }

        http.Dispose();
        Directory.Delete(resources, recursive: true);
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", [signal, $"{process!.Id}"]);
        await kill.WaitForExitAsync();
    }

    private async Task<bool> IsUpAsync()
    {
        Assert.False(process!.HasExited, $"the sidecar ended: {Output}");
        try
        {
            using var answer = await http.GetAsync($"http://127.0.0.1:{Port}/v1.0/healthz/outbound");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonElement> GetAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}{path}");
        request.Headers.Add("dapr-api-token", ApiToken);
        using var answer = await http.SendAsync(request);
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (output)
        {
            output.AppendLine(line.Data);
        }
    }
}
